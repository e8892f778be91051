import { afterAll, beforeAll, expect } from "bun:test";
import { testWith } from "../../../test/services/needs.ts";
import {
  findQuestdb,
  type QuestdbServer,
  startQuestdb,
} from "../../../test/services/questdb-server.ts";
import { manualClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { describeStore } from "../contract.ts";
import type { StoreHarness } from "../contract-case.ts";
import { describeStoreLaws } from "../contract-law.ts";
import { createQuestdbStore, QUESTDB_DEFAULTS, questdbAddressOf } from "./index.ts";

const questdb = findQuestdb();
let server: QuestdbServer | undefined;
let made = 0;

beforeAll(async () => {
  if (questdb.ok) server = await startQuestdb(questdb.value, { commitMode: "nosync" });
}, 120_000);
afterAll(() => server?.stop());

/** A store with tables of its own on the one server. */
async function harness(): Promise<StoreHarness> {
  if (server === undefined) throw new Error("QuestDB was not started");
  const { seriesUrl, query } = server;
  const prefix = `case${++made}`;
  const clock = manualClock(0);
  const address = questdbAddressOf(`${seriesUrl}&durability=relaxed&prefix=${prefix}`);
  return {
    clock,
    open: () =>
      createQuestdbStore({
        clock,
        logger: silentLogger,
        options: { ...QUESTDB_DEFAULTS, address },
      }),
    async dispose() {
      const named = `select table_name from tables() where table_name like '${prefix}\\_%'`;
      for (const [table] of await query(named)) await query(`drop table ${table}`);
    },
  };
}

if (questdb.ok) {
  describeStore("series store on QuestDB", harness);
  describeStoreLaws("series store on QuestDB", harness, 4);
} else testWith(questdb)("series store on QuestDB", () => {});

testWith(questdb)("a server that answers before its disk holds the rows is refused", async () => {
  const address = questdbAddressOf(server?.seriesUrl ?? "");
  const options = { ...QUESTDB_DEFAULTS, address };
  const opened = createQuestdbStore({ clock: manualClock(0), logger: silentLogger, options });
  await expect(opened).rejects.toThrow(/cairo\.commit\.mode=sync/);
});

testWith(questdb)(
  "tables of one installation are refused to another, and nothing of them changes",
  async () => {
    const address = questdbAddressOf(`${server?.seriesUrl}&durability=relaxed&prefix=owned`);
    const open = (owner: string) =>
      createQuestdbStore({
        clock: manualClock(0),
        logger: silentLogger,
        options: { ...QUESTDB_DEFAULTS, address, owner },
      });
    const first = await open("one");
    await first.stop();
    await expect(open("two")).rejects.toThrow(/owned_meta .* belong to another .* &prefix=NAME/);
    const again = await open("one");
    expect((await again.status()).sequence).toBe(0);
    await again.stop();
  },
);
