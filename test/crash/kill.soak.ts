import { expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { soakSeconds, soakSeed } from "../services/soak.ts";
import { binary } from "../system/harness.ts";
import { checkOutcome } from "./check-outcome.ts";
import { runWorkload } from "./run-workload.ts";
import { makeStreams } from "./workload.ts";

testWith(binary)(
  "random kills under random loads lose and double nothing",
  async () => {
    const endMs = performance.now() + soakSeconds() * 1000;
    let rounds = 0;
    for (let seed = soakSeed(); rounds === 0 || performance.now() < endMs; seed++, rounds++) {
      const streams = makeStreams(seed, 3 + (seed % 6), 60 + (seed % 5) * 20);
      const outcome = await runWorkload(streams, { seed, kills: 8, pauseMs: 8 });
      checkOutcome(streams, outcome, `seed ${seed}`);
    }
    process.stdout.write(`${rounds} rounds from seed ${soakSeed()}\n`);
    expect(rounds).toBeGreaterThan(0);
  },
  (soakSeconds() + 300) * 1000,
);
