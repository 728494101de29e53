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
