import { lintStatement } from '../../../domain/statement/lint';
import { statementTemplate } from '../../../domain/statement/template';
import { textHash } from '../../../domain/statement/hash';
import { FACTS, INCIDENT } from './support/facts';

const DATE = '2026-11-24';
const drafted = statementTemplate({ date: DATE, facts: FACTS });

describe('the draft that a statement begins with', () => {
  test('has nothing wrong with it but what is still to be written', () => {
    for (const facts of [FACTS, { parties: [] }]) {
      const findings = lintStatement(statementTemplate({ date: DATE, facts }), { ...facts, date: DATE });
      expect(findings.length).toBeGreaterThan(10);
      for (const { rule, message } of findings)
        expect([rule, message]).toEqual([
          expect.stringMatching(/^(placeholder|section)$/),
          expect.stringContaining('[…'),
        ]);
    }
  });

  test('is clean once everything in it has been written', () => {
    const written = drafted.replace(/\[… [^\]]*…\]/g, 'At 02:10 UTC it was so.');
    expect(lintStatement(written, { ...FACTS, date: DATE })).toEqual([]);
  });

  test('says what the incident knows', () => {
    expect(drafted).toContain('# [… what happened, in a few words …], 24 November 2026');
    expect(drafted).toContain(
      '- 22 November 2026, 02:14: we declared a security incident and began to respond.',
    );
    expect(drafted).toContain(
      '- 3 servers.\n- 1 identity or access key.\n- 2 secrets.\n- 1 user account used in the attack.',
    );
    expect(drafted).toContain('established: a deployment key of 2024 …]');
  });

  test('lets no words of the investigation out unread, whatever they are', () => {
    const hostile = 'a]\n\n# b <!-- c --> `d` [e](f) …] We are fine';
    const text = statementTemplate({
      date: DATE,
      facts: {
        ...FACTS,
        incident: {
          ...INCIDENT,
          services: [hostile],
          findings: {
            methodKnown: { grounds: hostile },
            compromisedDataKnown: { grounds: 'x'.repeat(4_000) },
          },
        },
      },
    });
    const written = text.replace(/\[… [^\]]*…\]/g, '');
    expect(written).not.toContain('We are fine');
    expect(written).not.toContain('xxx');
    expect(text.match(/^# /gm)).toHaveLength(1);
    for (const { message } of lintStatement(text, FACTS)) expect(message).toContain('[…');
  });

  test('names no address and no account of the attack', () => {
    for (const name of [...INCIDENT.addresses, ...INCIDENT.users]) expect(drafted).not.toContain(name);
  });
});

test('one character makes another hash', () => {
  expect(textHash('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(textHash('ä')).not.toBe(textHash('a\u0308'));
});
