import { expect } from "bun:test";
import { join } from "node:path";
import { embeddedOnly } from "../services/embedded-only.ts";
import { testWith } from "../services/needs.ts";
import { findQuestdb, startQuestdb } from "../services/questdb-server.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { apiClient } from "./api-client.ts";
import {
  binary,
  createToken,
  foresight,
  foresightOk,
  setUpTenant,
  startServer,
} from "./harness.ts";

const START_US = 1_790_000_100_000_000;
const questdb = findQuestdb();

testWith(binary, questdb, embeddedOnly("copy to QuestDB"))(
  "readings are moved to QuestDB, and the server goes on there",
  async () => {
    if (!questdb.ok) return;
    const quest = await startQuestdb(questdb.value);
    const data = join(temporaryFolder("copy"), "data");
    const env = { FORESIGHT_SERIES_URL: quest.seriesUrl };
    const write = async (url: string, token: string, from: number) => {
      const lines = Array.from({ length: 400 }, (_, i) => {
        const atUs = START_US + (from + i) * 1e6;
        return `p,asset=A v=${i} ${atUs}\nm,asset=A mode="m${i % 7}" ${atUs}`;
      });
      const sent = await apiClient(url, token).write(lines.join("\n"));
      expect(sent.status).toBe(204);
    };
    const inspected = async (more: Record<string, string>) => {
      const ran = await foresightOk(["inspect", "--data", data, "--json"], { env: more });
      return JSON.parse(ran.stdout) as { readings: number };
    };
    try {
      const first = await startServer({ data });
      await setUpTenant(data, "acme");
      const token = await createToken(data, "acme", "write");
      await write(first.url, token, 0);
      const copy = ["series", "copy", "--data", data, "--json"];
      const held = await foresight([...copy, "--from", "embedded", "--to", quest.seriesUrl]);
      expect(held.stderr).toContain("is in use by process");
      await first.stop();
      const there = await foresightOk([...copy, "--from", "embedded", "--to", "questdb"], { env });
      expect(JSON.parse(there.stdout)).toEqual({ readings: 800, series: 2 });
      expect(there.stdout + there.stderr).not.toContain("secret");

      const second = await startServer({ data, env });
      await write(second.url, token, 400);
      await second.stop();
      expect(await inspected(env)).toMatchObject({ readings: 1600 });
      expect(await inspected({})).toMatchObject({ readings: 1600 }); // read again from the log

      const same = await foresight([...copy, "--from", "questdb", "--to", "questdb"], { env });
      expect(same.stderr).toContain("name the same store");
    } finally {
      await quest.stop();
    }
  },
  240_000,
);
