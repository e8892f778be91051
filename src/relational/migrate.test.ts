import { expect } from "bun:test";
import type { Pool } from "pg";
import { onEveryPlace } from "../../test/services/relational.ts";
import { MIGRATIONS, type Migration, migrate } from "./migrate.ts";

const one: Migration = { name: "900-one", sql: "create table probe_one (id int)" };
const two: Migration = { name: "901-two", sql: "create table probe_two (id int)" };
const ours = [...MIGRATIONS, one];

onEveryPlace("migrations", ({ test, pool }) => {
  const tables = async (from: Pool) => {
    const found = await from.query<{ name: string }>(
      "select relname as name from pg_class where relname like 'probe_%' order by 1",
    );
    return found.rows.map((row) => row.name);
  };

  test("what has run is not run again", async () => {
    expect(await migrate(pool())).toEqual([]);
    expect(await migrate(pool(), ours)).toEqual(["900-one"]);
    expect(await migrate(pool(), ours)).toEqual([]);
    expect(await tables(pool())).toEqual(["probe_one"]);
  });

  test("processes that migrate at the same time do it once", async () => {
    const all = [...ours, two];
    const ran = await Promise.all([migrate(pool(), all), migrate(pool(), all)]);
    expect(ran.flat()).toEqual(["901-two"]);
  });

  test("one that fails leaves nothing behind", async () => {
    const broken = {
      name: "902-broken",
      sql: "create table probe_three (id int); select nonsense",
    };
    await expect(migrate(pool(), [...ours, two, broken])).rejects.toThrow(/nonsense/);
    expect(await migrate(pool(), [...ours, two])).toEqual([]);
    expect(await tables(pool())).toEqual(["probe_one", "probe_two"]);
  });

  test("one that was edited after it ran is refused", async () => {
    const edited = { ...one, sql: `${one.sql} -- edited` };
    await expect(migrate(pool(), [...MIGRATIONS, edited, two])).rejects.toThrow(
      /migration 900-one is not the one that ran/,
    );
  });

  test("a database of a newer program is refused", async () => {
    await expect(migrate(pool())).rejects.toThrow(
      /migration 900-one, which this program does not know/,
    );
  });
});
