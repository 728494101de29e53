/** What a token must have been signed for, so that this server takes it (`client/signing/token.ts`). */
export const CODEC_SERVER_AUDIENCE = 'codec-server';
