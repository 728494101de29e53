import {
  conflict,
  invalidRequest,
  notFound,
  rateLimited,
  unauthorized,
  unavailable,
} from '../../activities/failures';

test.each([
  ['InvalidRequest', invalidRequest],
  ['NotFound', notFound],
  ['Unauthorized', unauthorized],
  ['Conflict', conflict],
] as const)('%s is not retried', (type, make) => {
  expect(make('what to do')).toMatchObject({ type, nonRetryable: true, message: 'what to do' });
});

test('Unavailable is retried', () => {
  expect(unavailable('later')).toMatchObject({ type: 'Unavailable', nonRetryable: false });
});

test('RateLimited is retried when the vendor says', () => {
  expect(rateLimited('later', 7_000)).toMatchObject({
    type: 'RateLimited',
    nonRetryable: false,
    nextRetryDelay: 7_000,
  });
});

test('a wait of nothing is no reason to retry in a loop without any pause', () => {
  expect(rateLimited('later', -5)).toMatchObject({ nextRetryDelay: 1 });
});
