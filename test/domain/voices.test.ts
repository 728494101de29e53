import { missingVoices } from '../../domain/voices';

const STATEMENT = [['marketing'], ['incidentCommander'], ['legalCounsel']] as const;

test('nobody has spoken: every voice is missing', () => {
  expect(missingVoices(STATEMENT, [])).toEqual(STATEMENT);
});

test('three people of the right roles are all that is needed, in any order', () => {
  expect(missingVoices(STATEMENT, [['legalCounsel'], ['marketing'], ['incidentCommander']])).toEqual([]);
});

test('a person with two roles has one voice', () => {
  const both = ['marketing', 'incidentCommander', 'legalCounsel'] as const;
  expect(missingVoices(STATEMENT, [both])).toHaveLength(2);
});

test('who could be either makes room for who can be one only', () => {
  const either = ['marketing', 'incidentCommander'] as const;
  expect(missingVoices(STATEMENT, [either, ['marketing']])).toEqual([['legalCounsel']]);
  expect(missingVoices(STATEMENT, [either, ['incidentCommander']])).toEqual([['legalCounsel']]);
});

test('a second person of the same role has no voice left', () => {
  expect(missingVoices(STATEMENT, [['marketing'], ['marketing']])).toBeUndefined();
});

test('somebody with none of the roles has no voice', () => {
  expect(missingVoices(STATEMENT, [['executive']])).toBeUndefined();
});

test('a voice that may be one of two roles takes either', () => {
  const containment = [['incidentCommander', 'securityTeam']] as const;
  expect(missingVoices(containment, [['securityTeam']])).toEqual([]);
});
