import fc from 'fast-check';
import { WebClient } from '@slack/web-api';
import type { Button, Room } from '../../activities/room';
import { startSlack, type SlackStandIn } from '../../drill/stand-ins/slack';
import { SLACK_SCOPES } from '../../integrations/slack/client';
import { createSlack, type Slack } from '../../integrations/slack/room';
import { messageText } from '../../integrations/slack/text';
import { isThorough } from '../support/thorough';

const TOKEN = 'xoxb-test-token';
const IC = 'ic@example.com';
const NAME = 'quiet-otter';

let workspace: SlackStandIn;
let slack: Slack;
let room: Room;
let count = 0;

beforeAll(async () => {
  workspace = await startSlack({
    token: TOKEN,
    users: [{ email: IC, name: 'Incident Commander' }],
    scopes: SLACK_SCOPES,
  });
});
afterAll(() => workspace.close());
beforeEach(async () => {
  slack = createSlack({ token: TOKEN, apiUrl: workspace.url });
  room = await slack.openRoom({ name: `${NAME}-${(count += 1)}`, topic: 'Attorney Work Project' });
});

const steps = (number: number): Button[] =>
  Array.from({ length: number }, (_, index) => ({
    id: 'step',
    value: `${NAME} step${index}`,
    label: `Step ${index}`,
  }));

interface Block {
  type: string;
  text?: string;
  elements?: { type: string; action_id: string; value: string; style?: string; text: { text: string } }[];
}

/** The blocks of the room's messages, in the order of posting. */
async function blocksInRoom(): Promise<Block[][]> {
  const web = new WebClient(TOKEN, { slackApiUrl: workspace.url });
  const { messages = [] } = await web.conversations.history({ channel: room.id });
  return messages
    .filter(({ subtype }) => subtype === undefined)
    .reverse()
    .map(({ blocks }) => (blocks ?? []) as Block[]);
}

describe('buttons', () => {
  test('stand under the text, and say what they ask for and about what', async () => {
    const buttons: Button[] = [
      { id: 'approve', value: `${NAME} request-1`, label: 'Approve', style: 'primary' },
      { id: 'refuse', value: `${NAME} request-1`, label: 'Refuse', style: 'danger' },
      { id: 'help', value: NAME, label: 'Help' },
    ];
    await slack.post({ room, key: 'ledger-1', markdown: 'Asked.', buttons });
    const [blocks] = await blocksInRoom();
    const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
    const about = { type: 'button', value: `${NAME} request-1` };
    expect(blocks?.[1]?.elements?.[2]).not.toHaveProperty('style');
    expect(blocks).toMatchObject([
      { type: 'markdown', text: 'Asked.' },
      {
        type: 'actions',
        elements: [
          { ...about, action_id: 'firebreak.approve.0', text: plain('Approve'), style: 'primary' },
          { ...about, action_id: 'firebreak.refuse.1', text: plain('Refuse'), style: 'danger' },
          { type: 'button', action_id: 'firebreak.help.2', value: NAME, text: plain('Help') },
        ],
      },
    ]);
  });

  test('come in blocks of 25, each with an id of its own', async () => {
    await slack.postPinned({ room, key: 'checklist', markdown: '# Checklist', buttons: steps(56) });
    const [blocks = []] = await blocksInRoom();
    expect(blocks.map(({ type, elements }) => [type, elements?.length])).toEqual([
      ['markdown', undefined],
      ['actions', 25],
      ['actions', 25],
      ['actions', 6],
    ]);
    const elements = blocks.flatMap((block) => block.elements ?? []);
    expect(elements.map(({ action_id }) => action_id)).toEqual(
      steps(56).map((_, index) => `firebreak.step.${index}`),
    );
    expect(elements.map(({ value }) => value)).toEqual(steps(56).map(({ value }) => value));
  });

  test('are replaced by an update, and gone where it brings none', async () => {
    const { messageId } = await slack.postPinned({
      room,
      key: 'checklist',
      markdown: '1',
      buttons: steps(2),
    });
    await slack.update({ room, messageId, markdown: '2', buttons: steps(1) });
    expect((await blocksInRoom())[0]).toMatchObject([
      { type: 'markdown', text: '2' },
      { type: 'actions', elements: [{ action_id: 'firebreak.step.0' }] },
    ]);
    await slack.update({ room, messageId, markdown: '3' });
    expect(await blocksInRoom()).toMatchObject([[{ type: 'markdown', text: '3' }]]);
  });

  test('of none at all leave no empty block, which Slack would refuse', async () => {
    await slack.post({ room, key: 'ledger-1', markdown: 'Found.', buttons: [] });
    expect(await blocksInRoom()).toMatchObject([[{ type: 'markdown', text: 'Found.' }]]);
  });

  test('do not make a message appear twice', async () => {
    const entry = { room, key: 'ledger-1', markdown: 'Asked.' };
    const posted = await slack.post({ ...entry, buttons: steps(1) });
    expect(await slack.post({ ...entry, buttons: steps(2) })).toEqual(posted);
    expect(await blocksInRoom()).toHaveLength(1);
  });

  test.each([
    ['10,000 characters', 'y'.repeat(10_000)],
    ['half a character', `half \ud83d of one`],
    ['only a line break', '\n'],
    ['mentions and markup', '<!channel> @here *bold* :bomb: </a>'],
  ])('and text are posted whatever they hold: %s', async (_, text) => {
    const buttons: Button[] = [{ id: 'why', value: `${NAME} task`, label: text }];
    await slack.post({ room, key: 'ledger-1', markdown: `Text ${text}`, buttons });
    expect(await blocksInRoom()).toMatchObject([[{ type: 'markdown' }, { type: 'actions' }]]);
  });
});

describe('a message with buttons', () => {
  const measure = (blocks: unknown) => JSON.stringify(blocks).length;

  test('leaves a long text less room, and still says that it was cut', () => {
    const { blocks } = messageText('| a | "b" |\n'.repeat(2_000), steps(30));
    expect(measure(blocks)).toBeLessThanOrEqual(12_100);
    expect(measure(blocks)).toBeGreaterThan(11_000);
    expect(blocks[0]).toMatchObject({ text: expect.stringMatching(/… cut: see `firebreak status`$/) });
    expect(blocks.slice(1).flatMap((block) => ('elements' in block ? block.elements : []))).toHaveLength(30);
  });

  test('fits what Slack takes, whatever it is made of', () => {
    const any = fc.string({ unit: 'binary', maxLength: 200 });
    const button = fc.record<Button>({
      id: fc.constantFrom('step', 'approve', 'why'),
      value: fc.string({ maxLength: 60 }).map((text) => `${NAME} ${text}`),
      label: fc.oneof(any, fc.constant('ü😀'.repeat(60))),
    });
    const markdown = fc
      .tuple(any, fc.integer({ min: 1, max: 300 }))
      .map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(markdown, fc.array(button, { maxLength: 150 }), (text, buttons) => {
        const { blocks } = messageText(text, buttons);
        expect(blocks.length).toBeLessThanOrEqual(50);
        // 12,000 and the containers' own.
        expect(measure(blocks)).toBeLessThanOrEqual(12_100);
        const elements = blocks.flatMap((block) => ('elements' in block ? block.elements : []));
        expect(new Set(elements.map(({ action_id }) => action_id)).size).toBe(elements.length);
        elements.forEach((element, index) => {
          expect(element.value).toBe(buttons[index]?.value);
          expect(element.text.text.length).toBeGreaterThan(0);
          expect(element.text.text.length).toBeLessThanOrEqual(75);
        });
        expect(() => encodeURIComponent(JSON.stringify(blocks))).not.toThrow();
        expect(JSON.stringify(blocks)).not.toMatch(/\\ud[89a-f]/i);
        if (buttons.length <= 25) expect(elements).toHaveLength(buttons.length);
      }),
      { numRuns: isThorough ? 60 : 15 },
    );
  });
});
