/**
 * The order of the test files: those that take minutes first. A fresh clone has no timings of earlier runs, and would begin
 * with the largest files and end with one core at the drills while the other is idle.
 */
const Sequencer = require(
  require.resolve('@jest/test-sequencer', {
    paths: [require.resolve('jest-cli', { paths: [require.resolve('jest')] })],
  }),
).default;

const FIRST = [
  /drill\/drill\.test/,
  /client\/cli\.test/,
  /decide\.properties/,
  /worker\/main/,
  /replay\.test/,
  /client\/cli-alone/,
  /workflows\//,
  /aws-network/,
  /aws-cold-storage/,
  /aws-evidence/,
  /integrations\/aws/,
  /worker\/practice/,
  /codec\/temporal/,
  /client\/(?:pagerduty-webhook|slack)/,
  /ledger-mutations|domain\/evidence/,
  /drill\//,
];

const rankOf = ({ path }) => {
  const rank = FIRST.findIndex((pattern) => pattern.test(path));
  return rank === -1 ? FIRST.length : rank;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => rankOf(a) - rankOf(b) || (a.path < b.path ? -1 : 1));
  }
};
