/** Network ACLs with AWS's rules: canonical ranges, numbers, the default deny, and the quota of entries. */
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import { canonicalCidr } from './cidr';
import { ec2Error, itemsOf, textOf, type AskMoto } from './query';

/** For each direction, with the default deny; AWS raises it on demand, up to 40. */
export const DEFAULT_QUOTA = 20;
const HIGHEST_QUOTA = 40;
/** The default deny, `*` in the console. Callers have the numbers below it. */
const DEFAULT_DENY = 32_767;

const ENTRY_CALL = /^ec2\.(Create|Replace|Delete)NetworkAclEntry$/;

/** @throws Error where the quota is beyond what AWS gives */
export function checkAcls(ask: AskMoto, quota: number): Rewrite {
  if (quota > HIGHEST_QUOTA) throw new Error(`AWS allows ${HIGHEST_QUOTA} entries in a network ACL at most.`);
  const oneByOne = createQueue();

  /** The entries of one direction, as moto's XML; undefined where there is no such ACL. */
  async function entriesOf(request: IncomingMessage, form: URLSearchParams): Promise<string[] | undefined> {
    const acl = form.get('NetworkAclId') ?? '';
    const { status, body } = await ask(request, 'ec2', {
      Action: 'DescribeNetworkAcls',
      'NetworkAclId.1': acl,
    });
    if (status !== 200) return undefined;
    return itemsOf(body, 'entrySet').filter((entry) => textOf(entry, 'egress') === form.get('Egress'));
  }

  /** Why AWS refuses the entry; undefined where it takes it. */
  async function refusal(name: string, request: IncomingMessage, form: URLSearchParams) {
    const number = Number(form.get('RuleNumber'));
    if (!Number.isInteger(number) || number < 1 || number >= DEFAULT_DENY)
      return ec2Error(
        'InvalidParameterValue',
        `Value (${number}) for parameter ruleNumber is invalid. It must be between 1 and ${DEFAULT_DENY - 1}.`,
      );
    const entries = await entriesOf(request, form);
    // moto refuses an ACL that is not there, and a number that is taken.
    if (!entries) return undefined;
    const numbers = entries.map((entry) => Number(textOf(entry, 'ruleNumber')));
    if (name !== 'ec2.CreateNetworkAclEntry')
      return numbers.includes(number)
        ? undefined
        : ec2Error(
            'InvalidNetworkAclEntry.NotFound',
            `The specified network acl entry ${number} does not exist.`,
          );
    if (numbers.includes(number)) return undefined;
    const used = new Set([...numbers, DEFAULT_DENY]).size;
    return used < quota
      ? undefined
      : ec2Error(
          'NetworkAclEntryLimitExceeded',
          'The maximum number of network acl entries has been reached.',
        );
  }

  return async (call, passOn, request) => {
    if (call.name === 'ec2.CreateNetworkAcl') return withDefaultDeny(ask, request, await passOn());
    if (!ENTRY_CALL.test(call.name)) return passOn();
    const form = new URLSearchParams(call.body);
    if (call.name !== 'ec2.DeleteNetworkAclEntry') {
      const refused = canonicalise(form);
      if (refused) return refused;
    }
    return oneByOne(
      form.get('NetworkAclId') ?? '',
      async () => (await refusal(call.name, request, form)) ?? passOn(form.toString()),
    );
  };
}

/** Writes the form's ranges as AWS keeps them, or says what is wrong with them. */
function canonicalise(form: URLSearchParams): Answer | undefined {
  const families = [
    { field: 'CidrBlock', parameter: 'cidrBlock', family: 4 },
    { field: 'Ipv6CidrBlock', parameter: 'ipv6CidrBlock', family: 6 },
  ] as const;
  if (!families.some(({ field }) => form.has(field)))
    return ec2Error('MissingParameter', 'The request must contain the parameter cidrBlock or ipv6CidrBlock');
  for (const { field, parameter, family } of families) {
    const given = form.get(field);
    if (given === null) continue;
    const canonical = canonicalCidr(given, family);
    if (canonical === undefined)
      return ec2Error(
        'InvalidParameterValue',
        `Value (${given}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`,
      );
    form.set(field, canonical);
  }
  return undefined;
}

/** moto makes an ACL of one's own without entries; AWS denies everything in it, both ways. */
async function withDefaultDeny(ask: AskMoto, request: IncomingMessage, answer: Answer): Promise<Answer> {
  const xml = answer.body.toString('utf8');
  const acl = textOf(xml, 'networkAclId');
  if (answer.status !== 200 || acl === undefined) return answer;
  const entry = (egress: string) => ({
    cidrBlock: '0.0.0.0/0',
    egress,
    protocol: '-1',
    ruleAction: 'deny',
    ruleNumber: String(DEFAULT_DENY),
  });
  for (const { cidrBlock, egress, protocol, ruleAction, ruleNumber } of [entry('true'), entry('false')])
    await ask(request, 'ec2', {
      Action: 'CreateNetworkAclEntry',
      NetworkAclId: acl,
      CidrBlock: cidrBlock,
      Egress: egress,
      Protocol: protocol,
      RuleAction: ruleAction,
      RuleNumber: ruleNumber,
    });
  const items = ['true', 'false'].map((egress) =>
    Object.entries(entry(egress)).map(([tag, text]) => `<${tag}>${text}</${tag}>`),
  );
  const set = `<entrySet>${items.map((item) => `<item>${item.join('')}</item>`).join('')}</entrySet>`;
  return { ...answer, body: Buffer.from(xml.replace('<entrySet/>', set)) };
}

/** Counting and adding belong together: two at once would both find the last place free. */
function createQueue() {
  const last = new Map<string, Promise<unknown>>();
  return <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const done = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, done);
    return done;
  };
}
