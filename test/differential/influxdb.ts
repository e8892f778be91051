import { systemClock } from "../../src/lib/clock.ts";
import type { Random } from "../../src/lib/random.ts";
import type { InfluxdbServer } from "../services/influxdb-server.ts";
import {
  type Body,
  booleanCell,
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
import { INFLUXDB_DIFFERENCES } from "./influxdb-differences.ts";
import { influxdbLine, influxdbPrefix } from "./influxdb-lines.ts";

type Result = {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
};

/** Its parser let something through that its engine reads otherwise. */
const ENGINE_FAULT = /"engine: /;
/** Bodies under way at the same time. */
const WIDTH = 64;
/** A time so near to the test's is one that InfluxDB gave itself: hardly a line names one. */
const NEAR_US = 3_600_000_000;

/** Decides random lines by both and compares. */
export async function compareWithInfluxdb(
  server: InfluxdbServer,
  database: string,
  random: Random,
  lines: number,
): Promise<Outcome> {
  const bodies = Array.from({ length: lines }, (_, index) => influxdbLine(random, index));
  const theirs = await decideByInfluxdb(server, database, bodies, influxdbPrefix);
  const ours = bodies.map((body) => readByForesight(body, "influx"));
  return compare(bodies, ours, theirs, INFLUXDB_DIFFERENCES);
}

/** Sends each body in a request of its own and reads back what is held of it. */
async function decideByInfluxdb(
  server: InfluxdbServer,
  database: string,
  bodies: readonly Body[],
  prefixOf: (index: number) => string,
): Promise<Decision[]> {
  await server.query(`create database ${database}`);
  const accepted = await inParallel(bodies, WIDTH, async ({ bytes, precision }) => {
    const url = `${server.url}/write?db=${database}&precision=${precision === "us" ? "u" : precision}`;
    const answer = await fetch(url, { method: "POST", body: bytes });
    const text = await answer.text();
    if (answer.status === 500 && ENGINE_FAULT.test(text)) return undefined;
    if (answer.status !== 204 && answer.status !== 400)
      throw new Error(`InfluxDB answered ${answer.status}: ${text}`);
    return answer.status === 204;
  });
  const { cells, unreadable } = await readBack(server, database, prefixOf(0).length);
  return accepted.map((isAccepted, index) => ({
    isAccepted,
    cells: unreadable.has(prefixOf(index)) ? undefined : (cells.get(prefixOf(index)) ?? new Map()),
  }));
}

/** What a database holds, by the first letters of its measurements. */
async function readBack(server: InfluxdbServer, database: string, prefixLength: number) {
  const fields = await resultsOf(server, database, "show field keys");
  const kinds = new Map(
    fields.flatMap(({ name, values }) =>
      values.map(([key, kind]) => [JSON.stringify([name, key]), String(kind)] as const),
    ),
  );
  const all = new Map<string, Map<string, string>>();
  const unreadable = new Set<string>();
  const names = (await resultsOf(server, database, "show measurements")).flatMap(({ values }) =>
    values.map(([name]) => String(name)),
  );
  const found = await selectEach(server, database, names, (name) =>
    unreadable.add(name.slice(0, prefixLength)),
  );
  for (const { name, tags = {}, columns, values } of found) {
    const own = Object.entries(tags).filter(([, value]) => value !== "");
    const prefix = name.slice(0, prefixLength);
    const cells = all.get(prefix) ?? new Map<string, string>();
    all.set(prefix, cells);
    for (const [time, ...row] of values)
      row.forEach((value, column) => {
        const field = columns[column + 1] ?? "";
        const cell = cellOf(value, kinds.get(JSON.stringify([name, field])));
        if (cell !== undefined) cells.set(cellName(name, own, field, microsOf(time)), cell);
      });
  }
  return { cells: all, unreadable };
}

function cellOf(value: unknown, kind: string | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (kind === "string") return textCell(String(value));
  if (kind === "boolean") return booleanCell(value === true);
  return numberCell(typeof value === "bigint" ? value : Number(value));
}

function microsOf(time: unknown): bigint {
  const nanos = BigInt(time as number | bigint); // asked for as whole ns
  const micros = nanos >= 0n ? nanos / 1000n : -((-nanos + 999n) / 1000n);
  return Math.abs(Number(micros) - systemClock.nowUs()) < NEAR_US ? BigInt(NOW_US) : micros;
}

const quoted = (name: string) => `"${name.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;

/** Whole numbers beyond 2^53 as BigInt: times are 64 bits. */
function parseExactly(text: string): unknown {
  const exact = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && /^-?\d{16,}$/.test(context?.source ?? "")
      ? BigInt(context?.source ?? 0)
      : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown); // the third argument is ES2025
}

/** Statements of one request. */
const STATEMENTS_MOST = 100;

/** All points of each measurement. One statement over several would give each the columns of all. */
async function selectEach(
  server: InfluxdbServer,
  database: string,
  names: readonly string[],
  onUnreadable: (name: string) => void,
): Promise<Result[]> {
  const found: Result[] = [];
  const select = (name: string) => `select * from ${quoted(name)} group by *`;
  for (let from = 0; from < names.length; from += STATEMENTS_MOST) {
    const part = names.slice(from, from + STATEMENTS_MOST);
    const all = await resultsOf(server, database, part.map(select).join(";")).catch(
      () => undefined,
    );
    if (all !== undefined) found.push(...all);
    else
      for (const name of part) {
        // Its query language has no way to write some of the names that it took.
        const own = await resultsOf(server, database, select(name)).catch(() => undefined);
        if (own === undefined) onUnreadable(name);
        else found.push(...own);
      }
  }
  return found;
}

/** @throws Error with what InfluxDB says. */
async function resultsOf(
  server: InfluxdbServer,
  database: string,
  statements: string,
): Promise<Result[]> {
  const answer = parseExactly(await server.query(statements, database)) as {
    error?: string;
    results?: { series?: Result[]; error?: string }[];
  };
  return (answer.results ?? [answer]).flatMap((result) => {
    if (result.error !== undefined) throw new Error(`${result.error}: ${statements}`);
    return ("series" in result && result.series) || [];
  });
}
