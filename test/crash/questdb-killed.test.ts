import { expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { findQuestdb, startQuestdb } from "../services/questdb-server.ts";
import { binary } from "../system/harness.ts";
import { checkOutcome } from "./check-outcome.ts";
import { runWorkload } from "./run-workload.ts";
import { makeStreams } from "./workload.ts";

const SEED = 2_026;
const KILLS = 2;
const questdb = findQuestdb();

testWith(binary, questdb)(
  `${KILLS} kills of server and QuestDB under load lose and double nothing`,
  async () => {
    if (!questdb.ok) return;
    const server = await startQuestdb(questdb.value);
    try {
      const streams = makeStreams(SEED, 4, 40);
      const outcome = await runWorkload(streams, {
        ...{ seed: SEED, kills: KILLS, pauseMs: 20 },
        env: { FORESIGHT_SERIES_URL: server.seriesUrl },
        beside: {
          restart: async () => {
            await server.kill();
            await server.start();
          },
          victim: () => "both",
        },
      });
      expect(outcome.kills).toBe(KILLS);
      checkOutcome(streams, outcome);
    } finally {
      await server.stop();
    }
  },
  240_000,
);
