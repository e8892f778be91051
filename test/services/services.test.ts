import { expect, test } from "bun:test";
import { freePort, portAnswers } from "./free-port.ts";
import { testWith } from "./needs.ts";
import { findPostgres, startPostgres } from "./postgres-server.ts";

const postgres = findPostgres();

test("a free port answers nothing", async () => {
  expect(await portAnswers(await freePort())).toBe(false);
});

testWith(postgres)("PostgreSQL starts, survives a kill with its data, and stops", async () => {
  if (!postgres.ok) return;
  const server = await startPostgres(postgres.value);
  const sql = new Bun.SQL(server.url);
  await sql`create table t (n int)`;
  await sql`insert into t values (1)`;
  await sql.close();
  await server.kill();
  expect(await portAnswers(server.port)).toBe(false);
  await server.start();
  const again = new Bun.SQL(server.url);
  expect([...(await again`select n from t`)]).toEqual([{ n: 1 }]);
  await again.close();
  await server.stop();
  expect(await portAnswers(server.port)).toBe(false);
});
