import { expect } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { testWith } from "../services/needs.ts";
import { findQuestdb, startQuestdb } from "../services/questdb-server.ts";
import { soakSeconds, soakSeed } from "../services/soak.ts";
import { binary } from "../system/harness.ts";
import { checkOutcome } from "./check-outcome.ts";
import { runWorkload } from "./run-workload.ts";
import { makeStreams } from "./workload.ts";

const KILLS = 10;
const questdb = findQuestdb();

testWith(binary, questdb)(
  "kills of server and QuestDB, round after round, lose and double nothing",
  async () => {
    if (!questdb.ok) return;
    const endMs = performance.now() + soakSeconds() * 1000;
    const random = createRandom(soakSeed());
    const server = await startQuestdb(questdb.value);
    try {
      for (let round = 0; round === 0 || performance.now() < endMs; round++) {
        const seed = random.int(2 ** 31);
        const streams = makeStreams(seed, 6, 120);
        const outcome = await runWorkload(streams, {
          ...{ seed, kills: KILLS, pauseMs: 10 },
          env: { FORESIGHT_SERIES_URL: `${server.seriesUrl}&prefix=round${round}` },
          // QuestDB alone lives on in every second kill.
          killBeside: async () => {
            if (random.int(2) === 0) return;
            await server.kill();
            await server.start();
          },
        });
        expect(outcome.kills).toBeGreaterThan(0);
        checkOutcome(streams, outcome, `seed ${seed}, round ${round}:`);
      }
    } finally {
      await server.stop();
    }
  },
  (soakSeconds() + 600) * 1000,
);
