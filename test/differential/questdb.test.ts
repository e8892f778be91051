import { expect } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { testWith } from "../services/needs.ts";
import { findQuestdb, startQuestdb } from "../services/questdb-server.ts";
import { compareWithQuestdb } from "./questdb.ts";

const questdb = findQuestdb();
const LINES = 800;

testWith(questdb)("random lines are decided and read back as by QuestDB", async () => {
  if (!questdb.ok) return;
  const server = await startQuestdb(questdb.value, { commitMode: "nosync" });
  try {
    const outcome = await compareWithQuestdb(server, createRandom(6), LINES);
    expect(outcome.unexplained).toEqual([]);
    expect(outcome.accepted).toBeGreaterThan(LINES / 4);
  } finally {
    await server.stop();
  }
});
