import { expect } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { testWith } from "../services/needs.ts";
import { findQuestdb, startQuestdb } from "../services/questdb-server.ts";
import { soakSeconds, soakSeed } from "../services/soak.ts";
import { compareWithQuestdb } from "./questdb.ts";

const questdb = findQuestdb();
const LINES = 2_000;

testWith(questdb)(
  "random lines are decided and read back as by QuestDB, round after round",
  async () => {
    if (!questdb.ok) return;
    const endMs = performance.now() + soakSeconds() * 1000;
    const random = createRandom(soakSeed());
    const server = await startQuestdb(questdb.value, { commitMode: "nosync" });
    try {
      for (let round = 0; round === 0 || performance.now() < endMs; round++) {
        const outcome = await compareWithQuestdb(server, random, LINES, round);
        expect(outcome.unexplained).toEqual([]);
      }
    } finally {
      await server.stop();
    }
  },
  (soakSeconds() + 300) * 1000,
);
