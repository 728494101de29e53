import fc from 'fast-check';
import { CALLING_ORDER, inCallingOrder, type OnCallPerson } from '../../domain/on-call';

const ic = (as: OnCallPerson['as'], more: Partial<OnCallPerson> = {}): OnCallPerson => ({
  email: 'ic@example.com',
  as,
  ...more,
});
const deputy = (as: OnCallPerson['as']): OnCallPerson => ({ email: 'deputy@example.com', as });

test('answers become one, in the order of calling', () => {
  expect(inCallingOrder([deputy('shadowing')], [ic('primary')])).toEqual([
    ic('primary'),
    deputy('shadowing'),
  ]);
  expect(inCallingOrder()).toEqual([]);
});

test('whoever is in it twice is called at the earlier place, however the address is spelt', () => {
  const again = { ...ic('shadowing'), email: ' IC@Example.com' };
  expect(inCallingOrder([again, deputy('backup'), ic('primary')])).toEqual([ic('primary'), deputy('backup')]);
});

test('a phone that only one of the answers knows is kept; where both know one, it is that of the earlier place', () => {
  expect(inCallingOrder([ic('primary')], [ic('backup', { phone: '+1 5550100', name: 'IC' })])).toEqual([
    ic('primary', { phone: '+1 5550100', name: 'IC' }),
  ]);
  expect(
    inCallingOrder([ic('backup', { phone: '+1 5550199' })], [ic('primary', { phone: '+1 5550100' })]),
  ).toEqual([ic('primary', { phone: '+1 5550100' })]);
});

const person: fc.Arbitrary<OnCallPerson> = fc.record(
  {
    email: fc.oneof(
      fc.constantFrom('ic@example.com', 'IC@EXAMPLE.COM', 'deputy@example.com', '__proto__'),
      fc.string({ maxLength: 20, unit: 'grapheme' }),
    ),
    as: fc.constantFrom(...CALLING_ORDER),
    name: fc.string({ maxLength: 5 }),
    phone: fc.string({ maxLength: 5 }),
  },
  { requiredKeys: ['email', 'as'] },
);

test('nobody is lost, nobody is twice, the order holds, and doing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.array(person, { maxLength: 6 }), { maxLength: 4 }), (answers) => {
      const address = ({ email }: OnCallPerson) => email.trim().toLowerCase();
      const merged = inCallingOrder(...answers);
      expect(new Set(merged.map(address))).toEqual(new Set(answers.flat().map(address)));
      expect(new Set(merged.map(address)).size).toBe(merged.length);
      const places = merged.map(({ as }) => CALLING_ORDER.indexOf(as));
      expect(places).toEqual(places.toSorted((one, other) => one - other));
      expect(inCallingOrder(merged)).toEqual(merged);
    }),
  );
});
