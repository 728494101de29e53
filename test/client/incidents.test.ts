/** Moments that a real server shows too seldom to be tested with one. */
import { QueryNotRegisteredError, ServiceError, type Client } from '@temporalio/client';
import { checklistOf, decideIncident, untilTaken } from '../../client/incidents';
import { InvalidInput, NoWorkerAnswers } from '../../client/errors';
import { INCIDENT_WORKFLOW } from '../../workflows/names';
import { signerOf } from '../support/signers';

const CODENAME = 'sapphire-unicorn';

/** As the SDK hands on what gRPC answered. */
function grpcError(code: number, details = 'grpc'): Error {
  const cause = Object.assign(new Error('grpc'), { code, details, metadata: {} });
  return new ServiceError('Failed', { cause });
}

interface Answers {
  readonly type?: string;
  query?(): unknown;
  update?(definition: unknown, options: { updateId?: string }): unknown;
}

/** A client whose incident answers this. */
function clientOf({ type = INCIDENT_WORKFLOW, query, update }: Answers) {
  const signals: unknown[] = [];
  const handle = {
    query: () => Promise.resolve().then(() => query?.()),
    executeUpdate: (definition: unknown, options: { updateId?: string }) =>
      Promise.resolve().then(() => update?.(definition, options)),
    describe: () => Promise.resolve({ type, status: { name: 'RUNNING' } }),
    signal: (_: unknown, input: unknown) => Promise.resolve(void signals.push(input)),
  };
  const client = {
    workflow: { getHandle: () => handle },
    withDeadline: (_: number, ask: () => unknown) => ask(),
  } as unknown as Client;
  return { client, signals };
}

/** Throws each of these once, then answers. */
function first<T>(errors: Error[], answer: T): () => T {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error) throw error;
    return answer;
  };
}

const NOT_YET = new QueryNotRegisteredError('The incident is being assembled', 3);

describe('a question to an incident', () => {
  it('is asked again while the incident has not made its first step', async () => {
    const { client } = clientOf({ query: first([NOT_YET, NOT_YET], { codename: CODENAME }) });
    await expect(checklistOf(client, CODENAME)).resolves.toEqual({ codename: CODENAME });
  });

  it('is given up where the incident never makes its first step', async () => {
    const { client } = clientOf({
      query: () => {
        throw NOT_YET;
      },
    });
    await expect(checklistOf(client, CODENAME, 300)).rejects.toThrow(NoWorkerAnswers);
  });

  it('is told to be none where the workflow is no incident', async () => {
    const { client } = clientOf({ type: 'somethingElse', query: first([NOT_YET], {}) });
    await expect(checklistOf(client, CODENAME)).rejects.toThrow(InvalidInput);
  });

  it.each([
    ['the deadline has passed', 4],
    ['the server cancelled it at its deadline', 1],
  ])('says that no worker answers where %s', async (_, code) => {
    const { client } = clientOf({ query: first([grpcError(code)], {}) });
    await expect(checklistOf(client, CODENAME)).rejects.toThrow(NoWorkerAnswers);
  });
});

describe('a decision', () => {
  const decide = (client: Client) =>
    decideIncident(client, CODENAME, 'close', { by: 'ic@example.com' }, signerOf('ic@example.com'));

  it.each([
    ['the deadline has passed', 4],
    ['the server cancelled it at its deadline', 1],
  ])('is left behind with its signature where %s', async (_, code) => {
    const { client, signals } = clientOf({ update: first([grpcError(code)], {}) });
    await expect(decide(client)).rejects.toThrow(/left with the incident and will be taken, once/);
    expect(signals).toMatchObject([
      {
        decision: 'close',
        by: 'ic@example.com',
        door: 'command line',
        proof: { signature: expect.any(String) },
      },
    ]);
  });

  it('is not left with a workflow that is no incident', async () => {
    const { client, signals } = clientOf({ type: 'somethingElse', update: first([grpcError(4)], {}) });
    await expect(decide(client)).rejects.toThrow(InvalidInput);
    expect(signals).toEqual([]);
  });

  it('has a nonce of its own each time that it is typed', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => {
        const { client, signals } = clientOf({ update: first([grpcError(4)], {}) });
        await decide(client).catch(() => undefined);
        return (signals[0] as { proof: { nonce: string } }).proof.nonce;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('is sent again, as the same one, where the task that would have taken it failed', async () => {
    const givenUp = () =>
      grpcError(9, 'Unable to perform workflow execution update due to unexpected workflow task failure.');
    const taken = { accepted: true, text: 'x', reasons: [], seq: 1 };
    const ids: unknown[] = [];
    const answer = first([givenUp(), givenUp()], taken);
    const { client, signals } = clientOf({
      update: (_, { updateId }) => {
        ids.push(updateId);
        return answer();
      },
    });
    await expect(decide(client)).resolves.toEqual(taken);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(signals).toEqual([]);
  });

  it('is not sent again for another reason, nor beyond its time', async () => {
    const { client } = clientOf({ update: first([grpcError(9)], {}) });
    await expect(decide(client)).rejects.toThrow(ServiceError);
    let tries = 0;
    const late = untilTaken(Date.now() + 500, async () => {
      tries += 1;
      throw grpcError(9, 'unexpected workflow task failure');
    });
    await expect(late).rejects.toThrow(ServiceError);
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(5);
  });

  it('is not left behind where the server refuses the caller', async () => {
    const { client, signals } = clientOf({ update: first([grpcError(7)], {}) });
    await expect(decide(client)).rejects.toThrow(ServiceError);
    expect(signals).toEqual([]);
  });
});
