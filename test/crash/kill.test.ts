import { expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { binary } from "../system/harness.ts";
import { checkOutcome, sameOutcome } from "./check-outcome.ts";
import { runWorkload } from "./run-workload.ts";
import { makeStreams } from "./workload.ts";

const SEED = 20_260;
const KILLS = 20;

testWith(binary)(
  `${KILLS} kills under load lose and double nothing, and change no bucket or alert`,
  async () => {
    const streams = makeStreams(SEED, 6, 150);
    const killed = await runWorkload(streams, { seed: SEED, kills: KILLS, pauseMs: 10 });
    expect(killed.kills).toBe(KILLS);
    checkOutcome(streams, killed);
    const undisturbed = await runWorkload(streams, { seed: SEED, kills: 0, pauseMs: 0 });
    sameOutcome(killed, undisturbed);
  },
  480_000,
);
