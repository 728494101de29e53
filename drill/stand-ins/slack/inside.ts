/** The emulator asked directly, past the proxy: leaves no calls, and no fault breaks it. */
import type { Fields } from './answers';

/** @throws where the emulator refuses, with its code. */
export type Ask = (method: string, body?: Record<string, string>) => Promise<Fields>;

export class InsideRefusal extends Error {
  constructor(
    readonly method: string,
    readonly code: string,
  ) {
    super(`the emulator refused ${method}: ${code}`);
  }
}

/** @param api e.g. `http://127.0.0.1:5000/api/`. */
export function askAs(api: string, token: string): Ask {
  return async (method, body = {}) => {
    const response = await fetch(api + method, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(body),
    });
    const answer = (await response.json()) as Fields;
    if (answer.ok !== true) throw new InsideRefusal(method, String(answer.error));
    return answer;
  };
}

/** All that lies under `name` in the pages of a list, one after the other. */
export async function everyPage(
  ask: Ask,
  method: string,
  name: string,
  body: Record<string, string> = {},
): Promise<Fields[]> {
  const all: Fields[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: Fields = await ask(method, { ...body, cursor, limit: '1000' });
    all.push(...((page[name] as Fields[] | undefined) ?? []));
    cursor = (page.response_metadata as { next_cursor?: string } | undefined)?.next_cursor || undefined;
  }
  return all;
}
