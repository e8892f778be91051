import { expect } from "bun:test";
import { soakCount, soakEnd, soakSeed } from "../services/soak.ts";
import { checkOutcome } from "./check-outcome.ts";
import { type Beside, runWorkload } from "./run-workload.ts";
import { makeStreams } from "./workload.ts";

const KILLS_PER_ROUND = 8;

/**
 * Random loads under random kills, each on a new folder and checked at its end, until as many kills are
 * made as the soak wants or its time is over. A round depends on its seed alone, which follows the last.
 * @param beside of a round: its settings, and the program that may be killed as well.
 */
export async function killRounds(
  beside: (round: number) => {
    readonly env?: Record<string, string>;
    readonly beside?: Beside;
  } = () => ({}),
): Promise<void> {
  const most = soakCount("kills") ?? Number.POSITIVE_INFINITY;
  const isOver = soakEnd("kills");
  const from = soakSeed();
  let [rounds, kills] = [0, 0];
  for (; rounds === 0 || !isOver(kills); rounds++) {
    const seed = from + rounds;
    const streams = makeStreams(seed, 3 + (seed % 6), 60 + (seed % 5) * 20);
    const outcome = await runWorkload(streams, {
      ...{ seed, kills: Math.min(KILLS_PER_ROUND, most - kills), pauseMs: 8 },
      ...beside(rounds),
    });
    expect(outcome.kills).toBeGreaterThan(0);
    checkOutcome(streams, outcome, `seed ${seed}`);
    kills += outcome.kills;
  }
  process.stdout.write(`${kills} kills in ${rounds} rounds from seed ${from}\n`);
}
