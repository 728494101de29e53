import fc from 'fast-check';
import type { MailRequest } from '../../activities/mail';
import { createPgpKey, createSmimeKey, openSealed, type OwnedMailKey } from '../../drill/stand-ins/mail-keys';
import { type ReceivedMail, type SmtpStandIn, startSmtp } from '../../drill/stand-ins/smtp';
import { failureOf } from '../support/failures';
import { COUNSEL, CUSTOMER, IC, INSURER, mailerAt, mailTo, SECRET } from '../support/mail';

let smtp: SmtpStandIn;

beforeAll(async () => {
  smtp = await startSmtp();
});

afterAll(() => smtp.close());

describe('whoever the recipients are', () => {
  const inside = [IC, COUNSEL, 'web@example.com'];
  const outside = [INSURER, CUSTOMER, 'soc@mail.example.com', 'desk@agency.example'];
  const keys: Record<string, OwnedMailKey> = {};

  beforeAll(async () => {
    for (const [index, address] of [...inside, ...outside].entries())
      keys[address] =
        index % 2 === 0 ? await createPgpKey(address) : await createSmimeKey(address, { key: 'p256' });
  });

  const addresses = fc.subarray([...inside, ...outside], { maxLength: 3 });
  const requests = fc.record({
    to: addresses,
    cc: addresses,
    bcc: addresses,
    withKey: fc.oneof(
      { weight: 3, arbitrary: fc.constant([...inside, ...outside]) },
      fc.subarray([...inside, ...outside]),
    ),
    encrypt: fc.boolean(),
  });

  test('nobody outside gets a word in clear, and everybody gets it who is named, or nobody does', async () => {
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(requests, async ({ to, cc, bcc, withKey, encrypt }) => {
        (smtp.mails as ReceivedMail[]).splice(0);
        const named = [...new Set([...to, ...cc, ...bcc])];
        const ring = Object.fromEntries(
          Object.entries(keys).filter(([address]) => withKey.includes(address)),
        );
        const request: MailRequest = mailTo(to, { cc, bcc, encrypt });
        const mayGo =
          named.length > 0 &&
          named.every((address) => (encrypt ? withKey.includes(address) : inside.includes(address)));
        if (!mayGo) {
          expect((await failureOf(mailerAt(smtp, ring).send(request))).type).toBe('InvalidRequest');
          expect(smtp.mails).toEqual([]);
          return;
        }
        sent += 1;
        await mailerAt(smtp, ring).send(request);
        expect(smtp.mails.flatMap((mail) => mail.to).sort()).toEqual([...named].sort());
        for (const mail of smtp.mails) {
          expect(mail.secure).toBe(true);
          expect(mail.raw.includes(SECRET)).toBe(!encrypt);
          for (const address of bcc)
            if (!to.includes(address) && !cc.includes(address)) expect(mail.raw).not.toContain(address);
          if (!encrypt) expect(mail.to.every((address) => inside.includes(address))).toBe(true);
          else
            for (const address of mail.to)
              expect(await openSealed(mail.raw, keys[address]?.privateKey ?? '')).toContain(SECRET);
        }
      }),
      { numRuns: 40 },
    );
    // Of both kinds there have to be some.
    expect(sent).toBeGreaterThan(5);
  });
});
