import { createPublishingActivities, type Publication } from '../../activities/publishing';
import { failureOf } from '../support/failures';
import { inActivity } from '../support/in-activity';

const published: Publication[] = [];
const { publishStatement } = createPublishingActivities({
  publish: async (request) => {
    published.push(request);
    return { url: 'https://www.example.com/statements/1' };
  },
});
/** A message that nothing has passed, whatever is in it. */
const run = (key: unknown, channel: unknown, title: unknown, markdown: unknown) =>
  inActivity(() => publishStatement(key as string, { way: 'publish', channel, title, markdown } as never));

beforeEach(() => void published.splice(0));

test('a statement is handed to its channel as it is, and where it can be read comes back', async () => {
  const answer = await run('quiet-otter public', 'website', 'Statement of 24 November 2026', '# Statement');
  expect(answer).toEqual({ url: 'https://www.example.com/statements/1' });
  expect(published).toEqual([
    {
      key: 'quiet-otter public',
      channel: 'website',
      title: 'Statement of 24 November 2026',
      markdown: '# Statement',
    },
  ]);
});

test.each([
  ['no text', ['key', 'website', 'Statement', ' \n']],
  ['no title', ['key', 'website', '', 'text']],
  ['no channel', ['key', undefined, 'Statement', 'text']],
  ['no key', ['', 'website', 'Statement', 'text']],
  ['a text that is none', ['key', 'website', 'Statement', { text: 'text' }]],
  ['a title of two lines', ['key', 'website', 'Statement\nBcc: everybody', 'text']],
  ['a title with a zero byte', ['key', 'website', 'Statement\0', 'text']],
])('with %s nothing is published', async (_, [key, channel, title, markdown]) => {
  const failure = await failureOf(run(key, channel, title, markdown));
  expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
  expect(failure.message).toContain('Nothing was published');
  expect(failure.message).not.toContain('everybody');
  expect(published).toEqual([]);
});
