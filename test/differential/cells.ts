import type { Dialect, Precision } from "../../src/domain/engine.ts";
import { Dictionary, KeyTable, Rows, Scanner, startJob } from "../../src/ingest/index.ts";

/** One line, or what damage has made of it, as it is sent in a request of its own. */
export type Body = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly precision: Precision;
};

/** What is stored of a body: what stands at each (series, time), in one form for every server. */
export type Cells = ReadonlyMap<string, string>;

/** Undefined is what a server could not say for a fault of its own. */
export type Decision = {
  readonly isAccepted: boolean | undefined;
  readonly cells: Cells | undefined;
};

/** Stands for the time of a line that names none. */
export const NOW_US = 4_000_000_000_000_000;

/** Name of a cell. A time from this year on is one that a server gave itself: all such are one. */
export function cellName(
  measurement: string,
  tags: readonly (readonly [string, string])[],
  field: string,
  atUs: bigint,
): string {
  const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([measurement, sorted, field, String(atUs)]);
}

export const numberCell = (value: number | bigint): string => `number ${value}`;
export const booleanCell = (value: boolean): string => `boolean ${value}`;
export const textCell = (value: string): string => `text ${JSON.stringify(value)}`;

/** What Foresight's scanner makes of a body, after one that it took before. */
export function readByForesight(
  body: Body,
  dialect: Dialect,
  before: Uint8Array<ArrayBuffer> = new Uint8Array(0),
): Decision {
  const scanner = new Scanner(new Dictionary(1_000), new KeyTable());
  const scan = ({ bytes, precision }: Body) => {
    const rows = new Rows(16);
    const request = { tenantNo: 1, sourceNo: 1, receivedAtUs: NOW_US, dialect, precision };
    const job = startJob({ ...request, body: bytes.slice().buffer }, rows, scanner.entries);
    while (!scanner.scan(job, rows, 1 << 20));
    return { rows, job };
  };
  scan({ bytes: before, precision: "ns" });
  const { rows, job } = scan(body);
  const entries = new Map(scanner.takeEntries().map((entry) => [entry.seriesNo, entry]));
  const { series, atUs, value, texts } = rows.frame();
  const textOf = new Map(texts.map(({ row, text }) => [row, text]));
  const cells = new Map<string, string>();
  for (const [row, no] of series.entries()) {
    const entry = entries.get(no);
    if (entry === undefined) throw new Error(`series ${no} has no entry`);
    const { measurement, tags, field, kind } = entry;
    const held = value[row] ?? Number.NaN;
    const text = textOf.get(row);
    const name = cellName(measurement, tags, field, BigInt(atUs[row] ?? 0));
    if (kind === "boolean") cells.set(name, booleanCell(held === 1));
    else if (kind === "state") cells.set(name, textCell(text ?? ""));
    // No number is no value to a server that has columns.
    else if (Number.isFinite(held))
      cells.set(name, numberCell(text === undefined ? held : BigInt(text)));
  }
  return { isAccepted: job.rejectedLines === 0, cells };
}

/** A case that is decided otherwise on purpose. */
export type Difference = {
  readonly reason: string;
  readonly covers: (body: string, ours: Decision, theirs: Decision) => boolean;
};

/** Times whose µs a double does not hold exactly, from 2255 on and before 1684, are refused; others take them. */
export const TIME_BEYOND: Difference = {
  reason: "a time after 2255 or before 1684 is refused: its µs would not be exact",
  covers: (_body, ours, theirs) =>
    ours.isAccepted === false &&
    [...(theirs.cells?.keys() ?? [])].some((name) => {
      const [, , , atUs] = JSON.parse(name) as [unknown, unknown, unknown, string];
      const us = BigInt(atUs);
      return (us < 0n ? -us : us) > BigInt(Number.MAX_SAFE_INTEGER);
    }),
};

export type Outcome = {
  /** Bodies that differ without a reason, as text to send again. */
  readonly unexplained: readonly string[];
  /** Reasons that were needed. */
  readonly used: ReadonlySet<string>;
  /** Bodies that the other server took and read back. */
  readonly accepted: number;
};

/** Compares decisions of the same bodies. */
export function compare(
  bodies: readonly Body[],
  ours: readonly Decision[],
  theirs: readonly Decision[],
  differences: readonly Difference[],
): Outcome {
  const unexplained: string[] = [];
  const used = new Set<string>();
  bodies.forEach(({ bytes, precision }, index) => {
    const [a, b] = [ours[index], theirs[index]];
    if (a === undefined || b === undefined) throw new Error(`body ${index} was not decided`);
    if (b.isAccepted === undefined) return;
    const isSame = b.cells === undefined || Bun.deepEquals(plain(a.cells), plain(b.cells));
    if (a.isAccepted === b.isAccepted && isSame) return;
    const text = Buffer.from(bytes).toString("latin1");
    const difference = differences.find((one) => one.covers(text, a, b));
    if (difference !== undefined) used.add(difference.reason);
    else unexplained.push(JSON.stringify({ text, precision, ours: shown(a), theirs: shown(b) }));
  });
  return {
    unexplained,
    used,
    accepted: theirs.filter((one) => one.isAccepted && one.cells).length,
  };
}

function plain(cells: Cells = new Map()): Record<string, string> {
  return Object.fromEntries([...cells].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function shown({ isAccepted, cells }: Decision) {
  return { isAccepted, cells: plain(cells) };
}

/** Runs `work` on every item, some at the same time; the results are in order. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      // The index is below the length.
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
