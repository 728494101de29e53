/**
 * The clocks of an incident, in shadow: they are the company's own, so that the timer is as long as an incident's. Sometimes
 * somebody says that the company was aware before, as people do, and all of them move. Nobody is warned.
 */
import { condition } from '@temporalio/workflow';
import { applyClockReport } from '../../domain/clock-reports';
import { awareFrom, nextClockWarning } from '../../domain/clocks';
import { newIncident } from '../../domain/incident';
import type { Chance } from '../../domain/practice';
import { EMPTY_SCOPE } from '../../domain/scope';
import { untilDue } from '../incident/due';
import type { Practising } from './people';

/** Of incidents: the company was aware before the declaration. */
const AWARE_BEFORE = 0.3;
const BEFORE_MS = 7_200_000;

/**
 * As `keepClocks` of `workflows/incident/clocks.ts`.
 *
 * @param chance of its own: what it draws must not change what others draw
 * @param startedAt in milliseconds since the epoch
 */
export async function keepClocks(
  { company, decidedAt, isOver, note }: Practising,
  chance: Chance,
  codename: string,
  startedAt: number,
): Promise<void> {
  // Nothing happens in it but time.
  const declaration = {
    codename,
    at: startedAt,
    summary: '',
    by: '',
    door: 'temporal',
    scope: EMPTY_SCOPE,
  } as const;
  let clocks = newIncident(declaration, company);
  await Promise.all([warn(), move()]);

  async function warn(): Promise<void> {
    const next = () => nextClockWarning(clocks);
    for (;;) {
      const due = await untilDue(next, isOver, 'Next word about a clock');
      if (!due) return;
      clocks = applyClockReport(clocks, { name: 'clockWarned', clock: due.clock }, Date.now()).incident;
      note();
    }
  }

  async function move(): Promise<void> {
    if (!chance.happens(AWARE_BEFORE)) return;
    const decisions = chance.between(2, 8);
    const at = startedAt - Math.round(chance.around(BEFORE_MS));
    await condition(() => isOver() || decidedAt.length >= decisions);
    clocks = awareFrom({ at, by: '', reason: '' }, clocks, Date.now());
  }
}
