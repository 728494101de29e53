/** An SSH agent, asked over its socket (draft-ietf-sshm-ssh-agent): which keys it holds, and to sign with one. */
import { connect } from 'node:net';
import { concat } from '../../domain/trust/bytes';
import { keyOfBlob, publicKeyText } from '../../domain/trust/sshsig';
import { stringOf, uint32Of, wireOf } from '../../domain/trust/wire';
import { InvalidInput } from '../errors';

export interface Identity {
  /** As OpenSSH writes it, without a comment. */
  readonly publicKey: string;
  /** As SSH sends it. */
  readonly blob: Uint8Array;
}

export interface Agent {
  /** The keys that can sign decisions; others are left out. */
  identities(): Promise<readonly Identity[]>;
  /** The signature as SSH sends it. Waits for a touch, where the key is in a hardware token. */
  sign(blob: Uint8Array, data: Uint8Array): Promise<Uint8Array>;
}

export interface AgentLimits {
  /** To list, in ms. */
  readonly listWithinMs: number;
  /** To sign, in ms: a person may have to confirm, or to find the token. */
  readonly signWithinMs: number;
}

const LIMITS: AgentLimits = { listWithinMs: 5_000, signWithinMs: 60_000 };

/** As OpenSSH's own: no answer is longer, in bytes. */
const LONGEST_ANSWER = 256 * 1024;

const FAILURE = 5;
const LIST = 11;
const LISTED = 12;
const SIGN = 13;
const SIGNED = 14;

/** Each call throws InvalidInput where the agent does not do it; the message says what to do. */
export function agentAt(socket: string, limits: AgentLimits = LIMITS): Agent {
  return {
    async identities() {
      const wire = await ask(socket, Uint8Array.of(LIST), LISTED, limits.listWithinMs, 'list its keys');
      const count = wire.uint32() ?? 0;
      const identities: Identity[] = [];
      for (let at = 0; at < count; at += 1) {
        const blob = wire.string();
        if (!blob || !wire.string()) throw strange();
        const key = keyOfBlob(blob);
        if (key) identities.push({ publicKey: publicKeyText(key), blob });
      }
      return identities;
    },
    async sign(blob, data) {
      const request = concat(Uint8Array.of(SIGN), stringOf(blob), stringOf(data), uint32Of(0));
      const wire = await ask(socket, request, SIGNED, limits.signWithinMs, 'sign');
      const signature = wire.string();
      if (!signature || !wire.isAtEnd()) throw strange();
      return signature;
    },
  };
}

/** Sends one request on a connection of its own, and gives the answer after its type. */
async function ask(socket: string, request: Uint8Array, expected: number, withinMs: number, what: string) {
  const wire = wireOf(await exchange(socket, concat(uint32Of(request.length), request), withinMs, what));
  const type = wire.byte();
  if (type === FAILURE)
    throw new InvalidInput([
      `The SSH agent refused to ${what}. Unlock it, confirm or touch the token when it asks, and see "ssh-add -l"; then try again.`,
    ]);
  if (type !== expected) throw strange();
  return wire;
}

function exchange(path: string, message: Uint8Array, withinMs: number, what: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    let length: number | undefined;
    const socket = connect({ path });
    const timer = setTimeout(() => {
      fail(
        new InvalidInput([
          `The SSH agent did not ${what} within ${withinMs / 1000} s. Touch the token or confirm when it asks, or restart the agent; then try again.`,
        ]),
      );
    }, withinMs);
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
    };
    const fail = (error: Error) => {
      end();
      reject(error);
    };
    socket.on('connect', () => socket.write(message));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      received += chunk.length;
      if (length === undefined && received >= 4) length = Buffer.concat(chunks).readUInt32BE(0);
      if (length !== undefined && (length === 0 || length > LONGEST_ANSWER || received > 4 + length))
        fail(strange());
      else if (length !== undefined && received === 4 + length) {
        end();
        resolve(Uint8Array.from(Buffer.concat(chunks).subarray(4)));
      }
    });
    socket.on('end', () => fail(strange()));
    socket.on('error', () =>
      fail(
        new InvalidInput([
          'No SSH agent answers at SSH_AUTH_SOCK. Start one with: eval "$(ssh-agent)", then: ssh-add FILE',
        ]),
      ),
    );
  });
}

function strange(): InvalidInput {
  return new InvalidInput([
    'The SSH agent gave an answer that is none. See what SSH_AUTH_SOCK names; "ssh-add -l" should list your keys.',
  ]);
}
