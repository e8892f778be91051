import { testWith } from "../services/needs.ts";
import { findQuestdb, startQuestdb } from "../services/questdb-server.ts";
import { soakLimitMs } from "../services/soak.ts";
import { binary } from "../system/harness.ts";
import { killRounds } from "./kill-rounds.ts";

const questdb = findQuestdb();

testWith(binary, questdb)(
  "kills of server and QuestDB, one or both at once, lose and double nothing",
  async () => {
    if (!questdb.ok) return;
    const server = await startQuestdb(questdb.value);
    const restart = async () => {
      await server.kill();
      await server.start();
    };
    try {
      await killRounds((round) => ({
        env: { FORESIGHT_SERIES_URL: `${server.seriesUrl}&prefix=round${round}` },
        beside: { restart, victim: (random) => random.pick(["server", "beside", "both"] as const) },
      }));
    } finally {
      await server.stop();
    }
  },
  soakLimitMs("kills", 60_000),
);
