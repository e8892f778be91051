import { systemClock } from "../../src/lib/clock.ts";
import type { Random } from "../../src/lib/random.ts";
import type { QuestdbServer } from "../services/questdb-server.ts";
import {
  type Body,
  type Cells,
  cellName,
  compare,
  type Decision,
  inParallel,
  NOW_US,
  numberCell,
  type Outcome,
  readByForesight,
  textCell,
} from "./cells.ts";
import { QUESTDB_DIFFERENCES } from "./questdb-differences.ts";
import { questdbLine, questdbTable, type Table, tablesOf } from "./questdb-lines.ts";

/** Bodies under way at the same time. */
const WIDTH = 4;
/** A time so near to the test's is one that QuestDB gave itself: hardly a line names one. */
const NEAR_US = 3_600_000_000;
const PRECISIONS = { ns: "n", us: "u", ms: "ms", s: "s", m: "m", h: "h", auto: "n" } as const;

/** Decides random lines by both and compares, in tables of their own for each round. */
export async function compareWithQuestdb(
  server: QuestdbServer,
  random: Random,
  lines: number,
  round = 0,
): Promise<Outcome> {
  const tables = tablesOf(round);
  const bodies = Array.from({ length: lines }, (_, index) => questdbLine(random, index, tables));
  const known = Buffer.from(tables.map(([written]) => `${questdbTable(written)}\n`).join(""));
  await send(server, { bytes: known, precision: "ns" });
  const accepted = await inParallel(bodies, WIDTH, (body) => send(server, body));
  const held = await readBack(server, tables);
  for (const [, name] of tables) await server.query(`drop table "${name}"`);
  const theirs = accepted.map(
    (isAccepted, index): Decision => ({ isAccepted, cells: held.get(index) ?? new Map() }),
  );
  const ours = bodies.map((body) => readByForesight(body, "questdb", known));
  return compare(bodies, ours, theirs, QUESTDB_DIFFERENCES);
}

/** Its answers to a time after the year 9999, and to a new column without a value. */
const REFUSED = /designated timestamp beyond/;
const SERVER_FAULT = /invalid column type: 0/;

async function send(
  server: QuestdbServer,
  { bytes, precision }: Body,
): Promise<boolean | undefined> {
  const answer = await fetch(`${server.url}/write?precision=${PRECISIONS[precision]}`, {
    method: "POST",
    headers: { authorization: server.authorization },
    body: bytes,
  });
  const text = await answer.text();
  if (answer.status === 500 && SERVER_FAULT.test(text)) return undefined;
  if (answer.status === 500 && REFUSED.test(text)) return false;
  if (answer.status !== 204 && answer.status !== 400)
    throw new Error(`QuestDB answered ${answer.status}: ${text}`);
  return answer.status === 204;
}

/** What the tables hold, by `id`. */
async function readBack(
  server: QuestdbServer,
  tables: readonly Table[],
): Promise<ReadonlyMap<number, Cells>> {
  const all = new Map<number, Map<string, string>>();
  for (const [, table] of tables) {
    await server.query(`select wait_wal_table('${table}')`);
    const columns = await server.query(`select "column", type from table_columns('${table}')`);
    const names = columns.map(([name]) => String(name));
    const kinds = columns.map(([, kind]) => String(kind));
    // A whole number would lose digits in JSON.
    const selected = names.map((name, at) => {
      const quoted = `"${name}"`;
      if (kinds[at] === "LONG") return `${quoted}::string`;
      return kinds[at] === "TIMESTAMP" ? `${quoted}::long` : quoted;
    });
    for (const row of await server.query(`select ${selected.join(",")} from "${table}"`)) {
      const id = Number(row[names.indexOf("id")]);
      const cells = all.get(id) ?? new Map<string, string>();
      all.set(id, cells);
      addRow(cells, table, names, kinds, row);
    }
  }
  return all;
}

function addRow(
  cells: Map<string, string>,
  table: string,
  names: readonly string[],
  kinds: readonly string[],
  row: readonly unknown[],
): void {
  const tags = names.flatMap((name, at): [string, string][] =>
    // An empty tag is none.
    kinds[at] === "SYMBOL" && row[at] !== null && row[at] !== "" ? [[name, String(row[at])]] : [],
  );
  const atUs = Number(row[names.indexOf("timestamp")]);
  const time = Math.abs(atUs - systemClock.nowUs()) < NEAR_US ? NOW_US : atUs;
  names.forEach((name, at) => {
    const value = row[at];
    if (value === null || name === "timestamp" || kinds[at] === "SYMBOL") return;
    if (kinds[at] === "LONG") set(name, numberCell(BigInt(String(value))));
    else if (kinds[at] === "DOUBLE") set(name, numberCell(Number(value)));
    else set(name, textCell(String(value)));
  });
  function set(name: string, cell: string): void {
    cells.set(cellName(table, tags, name, BigInt(time)), cell);
  }
}
