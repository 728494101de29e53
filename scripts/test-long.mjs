/** `npm run test:long`: what takes longer than a change should wait for. Run it before a release. */
process.env.FIREBREAK_LONG = '1';
process.argv.push('test/long', 'test/integrations/aws-release.test.ts', 'test/drill/drill.test.ts');
await import('./test.mjs');
