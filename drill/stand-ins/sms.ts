/** A provider of SMS for a drill: takes what docs/ways-out.md asks of one, and sends nothing to anybody. */
import { objectIn, startReceiver, type Received, type Receiver, type Reply } from './receiver';

export interface SentSms {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly idempotencyKey: string;
}

export interface SmsStandIn {
  /** To be used as the provider's `url`. */
  readonly url: string;
  /** What was taken, once for each key. */
  readonly sent: readonly SentSms[];
  /** Everything that arrived. */
  readonly received: readonly Received[];
  readonly fail: Receiver['fail'];
  close(): Promise<void>;
}

export async function startSms(options: { token: string; port?: number }): Promise<SmsStandIn> {
  const sent: SentSms[] = [];
  const receiver = await startReceiver({
    ...(options.port !== undefined && { port: options.port }),
    nameOf: (method, path) => (method === 'POST' && path === '/messages' ? 'messages.send' : 'unknown'),
    answer,
  });

  function answer({ name, headers, body, at }: Received): Reply {
    if (name !== 'messages.send') return refusal(404, 'There is nothing here');
    if (headers.authorization !== `Bearer ${options.token}`) return refusal(401, 'Who are you?');
    const key = headers['idempotency-key'];
    if (typeof key !== 'string' || key === '') return refusal(400, 'Idempotency-Key is missing');
    const asked = objectIn(body);
    if (!asked || Object.keys(asked).sort().join() !== 'from,text,to')
      return refusal(400, 'to, from and text, and nothing else');
    const { to, from, text } = asked;
    if (typeof to !== 'string' || !/^\+[1-9]\d{6,14}$/.test(to)) return refusal(422, 'to is not E.164');
    if (typeof from !== 'string' || typeof text !== 'string' || text === '')
      return refusal(422, 'from and text have to be text');
    const index = sent.findIndex(({ idempotencyKey }) => idempotencyKey === key);
    const before = sent[index];
    if (before && (before.to !== to || before.from !== from || before.text !== text))
      return refusal(409, 'Idempotency-Key was used for another message');
    if (!before) sent.push({ at, to, from, text, idempotencyKey: key });
    return { status: 201, body: { id: `SM${before ? index + 1 : sent.length}`, status: 'queued' } };
  }

  return {
    url: `${receiver.url}/messages`,
    sent,
    received: receiver.received,
    fail: receiver.fail,
    close: receiver.close,
  };
}

/** Quotes what was wrong, as many a provider does: a failure of Firebreak's must not pass it on. */
function refusal(status: number, message: string): Reply {
  return { status, body: { error: { message } } };
}
