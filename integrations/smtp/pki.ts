/** pkijs over Node's own WebCrypto: it looks for a browser's by itself, and finds none. */
import { webcrypto } from 'node:crypto';
import { CryptoEngine, setEngine } from 'pkijs';

// Its type is a browser's, which is there or not as other packages have it.
export const ENGINE = new CryptoEngine({ name: 'node', crypto: webcrypto as never });
// Parts of pkijs ask for the engine by themselves.
setEngine('node', ENGINE);

/** The exact bytes: a Buffer may be a part of a larger memory, all of which pkijs would read. */
export function bytesOf(content: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(content.byteLength);
  new Uint8Array(copy).set(content);
  return copy;
}
