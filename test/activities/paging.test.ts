import { MockActivityEnvironment } from '@temporalio/testing';
import { createPagingActivities, type Pager } from '../../activities/paging';

const PAGE = { id: 'P1', url: 'https://pager.example.com/P1' };
const BRIDGE = { url: 'https://meet.example.com/bridge' };

function recordingPager() {
  const asked: unknown[] = [];
  const pager: Pager = {
    openPage: async (request) => {
      asked.push(['openPage', request]);
      return PAGE;
    },
    requestResponders: async (request) => {
      asked.push(['requestResponders', request]);
      return { requested: [...request.emails], unknown: [] };
    },
    addNote: async (request) => void asked.push(['addNote', request]),
    resolvePage: async (request) => void asked.push(['resolvePage', request]),
    stateOf: async (request) => {
      asked.push(['stateOf', request]);
      return { status: 'acknowledged', by: 'ic@example.com' };
    },
    callNext: async (request) => {
      asked.push(['callNext', request]);
      return { called: true };
    },
    acknowledge: async (request) => void asked.push(['acknowledge', request]),
    withdraw: async (request) => void asked.push(['withdraw', request]),
    administrators: async () => ['owner@example.com'],
    onCall: async () => [],
  };
  return { pager, asked };
}

test('the page says the codename and the bridge, and nothing else', async () => {
  const { pager, asked } = recordingPager();
  const { pageIncidentCommander } = createPagingActivities(pager, { bridge: BRIDGE });
  await expect(new MockActivityEnvironment().run(pageIncidentCommander, 'sapphire-unicorn')).resolves.toEqual(
    PAGE,
  );
  expect(asked).toEqual([['openPage', { codename: 'sapphire-unicorn', bridge: BRIDGE }]]);
});

test('responders, notes and the end go to that page', async () => {
  const { pager, asked } = recordingPager();
  const activities = createPagingActivities(pager, { bridge: BRIDGE });
  const environment = new MockActivityEnvironment();
  await environment.run(activities.pageResponders, PAGE, ['security@example.com']);
  await environment.run(activities.noteOnPage, PAGE, 'Please join Slack: #sapphire-unicorn');
  await environment.run(activities.resolvePage, PAGE);
  expect(asked).toEqual([
    ['requestResponders', { page: PAGE, emails: ['security@example.com'] }],
    ['addNote', { page: PAGE, text: 'Please join Slack: #sapphire-unicorn' }],
    ['resolvePage', { page: PAGE }],
  ]);
});

test('how the page stands, and who can read it, is told as the pager tells it', async () => {
  const { pager, asked } = recordingPager();
  const activities = createPagingActivities(pager, { bridge: BRIDGE });
  const environment = new MockActivityEnvironment();
  await expect(environment.run(activities.pageState, PAGE)).resolves.toEqual({
    status: 'acknowledged',
    by: 'ic@example.com',
  });
  await expect(environment.run(activities.pageAdministrators)).resolves.toEqual(['owner@example.com']);
  expect(asked).toEqual([['stateOf', { page: PAGE, excluded: [] }]]);
});

test('every attempt at a call names the same moment, so that the phone rings once', async () => {
  const { pager, asked } = recordingPager();
  const { callNext } = createPagingActivities(pager, { bridge: BRIDGE });
  const scheduledTimestampMs = Date.UTC(2026, 0, 1, 3);
  for (const attempt of [1, 2])
    await expect(
      new MockActivityEnvironment({ attempt, scheduledTimestampMs }).run(callNext, PAGE, 'ic@example.com', [
        'suspect@example.com',
      ]),
    ).resolves.toEqual({ called: true });
  const excluded = ['suspect@example.com'];
  const call = ['callNext', { page: PAGE, email: 'ic@example.com', excluded, since: scheduledTimestampMs }];
  expect(asked).toEqual([call, call]);
});
