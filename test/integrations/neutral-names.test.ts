/** What vendors keep and show outside of the room says nothing of an incident. AWS's calls: aws-policy.test.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPagerDuty } from '../../drill/stand-ins/pagerduty';
import { startSlack } from '../../drill/stand-ins/slack';
import type { Call } from '../../drill/stand-ins/recording-proxy';
import { CODENAME_TAG, MOMENT_TAG, SOURCE_TAG } from '../../integrations/aws/tags';
import { COPY_OF_TAG, PREPARED_OF_TAG } from '../../integrations/aws/cold-storage/tags';
import { HOP_TAG } from '../../integrations/aws/network/hop';
import { OPEN_GROUP_NAME } from '../../integrations/aws/network/open-group';
import { revokePolicyDocument, revokePolicyName } from '../../integrations/aws/identity/revoke-policy';
import { EMPTY_PROFILE_NAME } from '../../integrations/aws/profile';
import { QUARANTINE_GROUP_NAME } from '../../integrations/aws/quarantine';
import { createPagerDuty } from '../../integrations/pagerduty/pager';
import { createSlack } from '../../integrations/slack/room';
import { tellingAmong, valuesIn } from '../support/telling-words';

const ROOT = join(__dirname, '..', '..');
const CODENAME = 'sapphire-unicorn';
const IC = 'ic@example.com';

describe('the words that tell', () => {
  it.each([
    'sg-quarantine',
    'Isolated by Firebreak',
    'INCIDENT-7',
    'attacker',
    'firebreak-evidence',
    'ForensicAccountId',
    'containment',
    'RevokeOldSessions',
  ])('are found: %s', (text) => {
    expect(tellingAmong(['harmless', text])).toHaveLength(1);
  });

  it('are looked for in every value of a body, and in no name of a field', () => {
    const policy = JSON.stringify({ incident: { Sid: 'Attack' } });
    const form = new URLSearchParams({ Action: 'RevokeX', Isolate: 'a', 'Tag.1.Value': policy }).toString();
    expect(valuesIn(form, 'application/x-www-form-urlencoded; charset=utf-8')).toEqual(['a', 'Attack']);
    expect(valuesIn('{"incident": ["x", {"y": 1}]}', 'application/json')).toEqual(['x', '1']);
    expect(valuesIn('{broken', 'application/json')).toEqual(['{broken']);
    expect(valuesIn('')).toEqual([]);
  });
});

describe('in AWS', () => {
  it('names and tags say the codename at most', () => {
    const names = [
      ...[CODENAME_TAG, MOMENT_TAG, SOURCE_TAG, COPY_OF_TAG, PREPARED_OF_TAG, HOP_TAG],
      ...[QUARANTINE_GROUP_NAME, OPEN_GROUP_NAME, EMPTY_PROFILE_NAME],
      ...[revokePolicyName(CODENAME), revokePolicyDocument('2026-01-01T00:00:00Z')],
    ];
    expect(tellingAmong(names)).toEqual([]);
  });

  // CloudFormation keeps a template as it was given, with its comments.
  it.each(['affected-account.yaml', 'forensic-account.yaml', 'worker-policy.json', 'forensic-policy.json'])(
    'the whole of %s does, but for the names of AWS’s own actions',
    (file) => {
      const text = readFileSync(join(ROOT, 'deploy', 'aws', file), 'utf8');
      const own = text.replace(/\b[a-z0-9]+:[A-Z][A-Za-z]+\*?/g, '');
      expect(own.length).toBeGreaterThan(1_000);
      expect(tellingAmong(own.split('\n'))).toEqual([]);
    },
  );
});

describe('in PagerDuty', () => {
  it('the page, its note and the request to join say the codename and where to go', async () => {
    const pagerduty = await startPagerDuty({
      token: 'stand-in-token',
      users: [{ email: IC, name: 'Somebody' }],
      serviceId: 'PSERVIC',
      escalationPolicyId: 'PPOLICY',
    });
    try {
      const pager = createPagerDuty({
        token: 'stand-in-token',
        fromEmail: IC,
        serviceId: 'PSERVIC',
        escalationPolicyId: 'PPOLICY',
        url: pagerduty.url,
      });
      const page = await pager.openPage({
        codename: CODENAME,
        bridge: { url: 'https://meet.example.com/b' },
      });
      await pager.requestResponders({ page, emails: [IC] });
      await pager.addNote({ page, text: `Please join Slack: #${CODENAME}` });
      await pager.resolvePage({ page });
      // PagerDuty's word for a page, as the type of what is sent.
      const texts = textsOf(pagerduty.calls).filter((text) => !/^incident(?:_reference)?$/.test(text));
      expect(texts).toEqual(expect.arrayContaining([CODENAME, 'Please join Slack ASAP']));
      expect(tellingAmong(texts)).toEqual([]);
    } finally {
      await pagerduty.close();
    }
  });
});

describe('in Slack', () => {
  it('the room has the codename for its name, the topic that it is given, and no purpose', async () => {
    const workspace = await startSlack({
      token: 'xoxb-test-token',
      users: [{ email: IC, name: 'Somebody' }],
    });
    try {
      const slack = createSlack({ token: 'xoxb-test-token', apiUrl: workspace.url });
      const room = await slack.openRoom({ name: CODENAME, topic: 'Attorney Work Project sapphire-unicorn' });
      await slack.invite({ room, emails: [IC] });
      await slack.members({ room });
      expect(workspace.calls.map(({ name }) => name)).not.toContain('conversations.setPurpose');
      const texts = textsOf(workspace.calls);
      expect(texts).toEqual(expect.arrayContaining([CODENAME, 'Attorney Work Project sapphire-unicorn']));
      expect(tellingAmong(texts)).toEqual([]);
    } finally {
      await workspace.close();
    }
  });
});

/** Both speak forms or JSON; a form has no brace at its start. */
function textsOf(calls: readonly Call[]): string[] {
  return calls.flatMap(({ body }) =>
    valuesIn(body, /^\s*[[{]/.test(body) ? 'application/json' : 'application/x-www-form-urlencoded'),
  );
}
