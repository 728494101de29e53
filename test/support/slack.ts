/** What tests of Slack's integration ask of the stand-in. */
import type { Fault } from '../../drill/stand-ins/recording-proxy';
import type { SlackStandIn } from '../../drill/stand-ins/slack';

/** @param standIn the one that is there when it is asked: it is started before all tests */
export function watching(standIn: () => SlackStandIn) {
  return {
    /** The names of the calls that the work makes, in their order. */
    async callsOf(work: () => Promise<unknown>): Promise<string[]> {
      const before = standIn().calls.length;
      await work();
      return standIn()
        .calls.slice(before)
        .map(({ name }) => name);
    },

    /** The work, while calls are broken in these ways; afterwards they are whole again. */
    async whileBroken<T>(faults: Fault | readonly Fault[], work: () => Promise<T>): Promise<T> {
      const mends = [faults].flat().map((fault) => standIn().breakCalls(fault));
      try {
        return await work();
      } finally {
        mends.forEach((mend) => mend());
      }
    },
  };
}
