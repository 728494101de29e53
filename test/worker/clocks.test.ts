/** The part `clocks` of firebreak.yaml. */
import { clockNamed } from '../../domain/clocks';
import { CLOCKS_PART, clocksOfCompany } from '../../worker/clocks';

const HOUR = 3_600_000;
const OWN = {
  id: 'contract-one',
  title: 'Customer One told',
  within: '48 hours',
  source: 'Contract One, 7.3',
};

const read = (part: unknown) => clocksOfCompany(CLOCKS_PART.parse(part));
const problemsOf = (part: unknown) => {
  const parsed = CLOCKS_PART.safeParse(part);
  return parsed.success
    ? []
    : parsed.error.issues.map(
        ({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`,
      );
};

test('left out, the checklist’s own clock runs, and warns a day and four hours before', () => {
  expect(read({})).toEqual({
    use: [clockNamed('statement')],
    warnMs: [24 * HOUR, 4 * HOUR],
    holidays: [],
  });
});

test('what is written is what runs, in an order in which each comes after what starts it', () => {
  const clocks = read({
    use: ['doraFinal', 'gdpr', 'doraIntermediate', 'doraInitial'],
    warn: ['2 hours', '1 day', '120 minutes'],
    holidays: ['2026-12-25'],
    own: [OWN, { ...OWN, id: 'Two', within: '2 business days' }, { ...OWN, id: 'three', within: '1 month' }],
  });
  expect(clocks.use.map(({ id }) => id)).toEqual([
    ...['gdpr', 'doraInitial', 'doraIntermediate', 'doraFinal', 'contract-one', 'Two', 'three'],
  ]);
  expect(clocks.use.slice(4).map(({ within }) => within)).toEqual([
    { ms: 48 * HOUR },
    { businessDays: 2 },
    { months: 1 },
  ]);
  expect(clocks.use[4]).toMatchObject({ title: 'Customer One told', starts: 'counted from awareness' });
  expect(clocks).toMatchObject({ warnMs: [24 * HOUR, 2 * HOUR], holidays: ['2026-12-25'] });
  // It goes into an incident, and comes out of it as it went in.
  expect(JSON.parse(JSON.stringify(clocks))).toEqual(clocks);
});

test('none at all is a choice too', () => {
  expect(read({ use: [], warn: [] })).toEqual({ use: [], warnMs: [], holidays: [] });
});

test.each([
  [{ use: ['gpdr'] }, /^use\.0: one of statement, gdpr, .* is needed$/],
  [{ use: ['doraIntermediate'] }, /^use: doraIntermediate starts with doraInitial: use that too$/],
  [{ use: ['gdpr', 'gdpr'] }, /^the clock gdpr is there twice$/],
  [{ own: [OWN, { ...OWN, id: 'Contract-One' }] }, /^the clock contract-one is there twice$/],
  [{ use: ['gdpr'], own: [{ ...OWN, id: 'GDPR' }] }, /^the clock gdpr is there twice$/],
  [{ own: [{ ...OWN, id: 'sec' }] }, /^own\.0\.id: sec is a clock of Firebreak's: name it in use/],
  [{ own: [{ ...OWN, id: 'two words' }] }, /^own\.0\.id: letters, digits and hyphens/],
  [{ own: [{ ...OWN, within: 'soon' }] }, /^own\.0\.within: "soon" is not a time of at most a year such as/],
  [{ own: [{ ...OWN, within: '0 business days' }] }, /^own\.0\.within: /],
  [{ own: [{ ...OWN, within: '13 months' }] }, /^own\.0\.within: /],
  [{ own: [{ ...OWN, within: '48' }] }, /^own\.0\.within: /],
  [{ own: [{ ...OWN, within: '2 years' }] }, /^own\.0\.within: /],
  [{ own: [{ ...OWN, title: ' ' }] }, /^own\.0\.title: a text is needed$/],
  [{ own: [{ id: 'one', title: 'One', within: '1 day' }] }, /^own\.0\.source: /],
  [{ warn: ['24'] }, /^warn\.0: "24" is not a time of 1 minute to 31 days such as "24 hours"$/],
  [{ warn: ['a while'] }, /^warn\.0: /],
  [{ warn: ['2 months'] }, /^warn\.0: /],
  [{ holidays: ['2026-02-30'] }, /^holidays\.0: a day is needed, such as 2026-12-25$/],
  [{ holiday: [] }, /holiday/],
])('%j is refused, and why is said', (part, why) => {
  expect(problemsOf(part)).toEqual([expect.stringMatching(why)]);
});
