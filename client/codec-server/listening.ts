/** Where the codec server listens, and by which names it may be called. */
import { isLoopback } from '../http/loopback';

export interface Listening {
  /** An address of this machine. */
  readonly host: string;
  /** The certificate's chain and its key, as PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /**
   * Somebody vouches that this address is reached from loopback alone, although it is none: in a container whose port is
   * published on 127.0.0.1.
   */
  readonly behindLoopback?: boolean;
  /** What browsers call it, where that is not 127.0.0.1 or localhost with the port. */
  readonly url?: string;
}

/** Says why nobody may listen like this, or nothing. */
export function problemOfListening({ host, tls, behindLoopback, url }: Listening): string | undefined {
  if (!isLoopback(host) && !tls && behindLoopback !== true)
    return `${host} is reached from other machines: give FIREBREAK_CODEC_TLS_CERT and FIREBREAK_CODEC_TLS_KEY, or listen on 127.0.0.1`;
  if (!isLoopback(host) && tls && url === undefined)
    return `${host} is reached from other machines: say in FIREBREAK_CODEC_URL what browsers call this server`;
  if (url !== undefined && new URL(url).protocol !== (tls ? 'https:' : 'http:'))
    return tls
      ? 'FIREBREAK_CODEC_URL begins with http://, and this server has a certificate: begin it with https://'
      : 'FIREBREAK_CODEC_URL begins with https://: give FIREBREAK_CODEC_TLS_CERT and FIREBREAK_CODEC_TLS_KEY';
  return undefined;
}

/**
 * The Host headers that are answered. Any other is a name that somebody pointed at this address, so that a page of theirs
 * would count as this server's own (DNS rebinding).
 */
export function hostsOf({ url }: Pick<Listening, 'url'>, port: number): readonly string[] {
  return url === undefined ? [`127.0.0.1:${port}`, `localhost:${port}`] : [new URL(url).host];
}

/** Says what is wrong with an origin that is to be let in, or nothing. */
export function problemOfOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return `"${text}" is no origin such as http://127.0.0.1:8080`;
  const { origin, protocol, hostname } = new URL(text);
  if (origin !== text || !/^https?:$/.test(protocol) || hostname.includes('*'))
    return `"${text}" is no origin: scheme, host and port are needed, written out, and nothing else, as in http://127.0.0.1:8080`;
  if (protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    return `"${text}" can be changed on its way: serve the Web UI over https, or on 127.0.0.1`;
  return undefined;
}
