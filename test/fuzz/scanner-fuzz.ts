import type { Dialect, Precision } from "../../src/domain/engine.ts";
import { Dictionary, KeyTable, Rows, Scanner, startJob } from "../../src/ingest/index.ts";
import { decodePoints, type Point } from "../../src/ingest/scan/points.ts";
import { microsOf } from "../../src/ingest/scan/time.ts";
import type { Random } from "../../src/lib/random.ts";

const RECEIVED_US = 1_700_000_000_000_000;
const LINES = [
  "pump,asset=P-101,sensor=vibration value=2.1 1764050400000000000\n",
  "pump,asset=P-101 vibration=2.1,temperature=54.25,running=t 1764050400000000001\n",
  'pump,asset=P\\,\\ 1\\=x state="on \\"hold\\"",n=-9223372036854775808i,u=7u 17\r\n',
  "# a comment\n\n",
  "m v=0.1e-7,w=123456789012345678.5,x=-0,y=.5,z=1. 1764050400\n",
  "m,t= v=,w=NaN,h=0x1fi,d=1.50d 1764050400000t\n",
  "fan\\\\,a=b\\ c v=1,v=2 1764050400123m\n",
] as const;
const BYTES = [
  0, 9, 10, 13, 16, 32, 34, 35, 44, 45, 46, 48, 57, 61, 92, 101, 105, 116, 127, 195, 255,
];
const PRECISIONS: readonly Precision[] = ["ns", "us", "ms", "s", "m", "h", "auto"];

/** Lines with QuestDB's binary fields, of every type, with newlines among their bytes. */
function binaryLine(random: Random): Uint8Array {
  const sizes: readonly (readonly [type: number, bytes: number])[] = [
    ...([
      [0x10, 8],
      [0x02, 4],
      [0x03, 4],
      [0x0f, 8],
      [0x06, 1],
      [0x0d, 9],
    ] as const),
    ...([
      [0x0e, 14],
      [0x17, 6],
    ] as const),
  ];
  const [type, size] = random.pick(sizes);
  const value = Uint8Array.from({ length: size }, () => random.pick(BYTES));
  if (type === 0x0e) value.set([10, 1, 1, 0, 0, 0]);
  if (type === 0x17) value.set([2, 4]);
  return Buffer.concat([Buffer.from("m,a=b v=="), Buffer.of(type), value, Buffer.from(" 17\n")]);
}

/** A body of a few good lines, damaged in a few places. */
function bodyOf(random: Random): Uint8Array {
  const parts = Array.from({ length: 1 + random.int(4) }, () =>
    random.int(8) === 0 ? binaryLine(random) : Buffer.from(random.pick(LINES)),
  );
  let body: Uint8Array = Buffer.concat(parts);
  for (let n = random.int(5); n > 0; n--) body = damaged(body, random);
  return body;
}

function damaged(body: Uint8Array, random: Random): Uint8Array {
  const at = random.int(body.length + 1);
  const to = Math.min(body.length, at + 1 + random.int(12));
  const cut = (insert: Uint8Array, rest: number) =>
    Buffer.concat([body.subarray(0, at), insert, body.subarray(rest)]);
  switch (random.int(4)) {
    case 0:
      return cut(Buffer.of(random.pick(BYTES)), at + 1);
    case 1:
      return cut(Buffer.of(random.pick(BYTES)), at);
    case 2:
      return cut(new Uint8Array(0), to);
    default:
      return cut(body.subarray(at, to), at);
  }
}

type Reading = { readonly name: string; readonly atUs: number; readonly value: number };

/** A scanner with the names of its series, warm from one body to the next. */
class Subject {
  private readonly scanner = new Scanner(new Dictionary(100_000), new KeyTable());
  private readonly names = new Map<number, string>();

  scan(body: Uint8Array, slice: number, options: { dialect: Dialect; precision: Precision }) {
    const rows = new Rows(4);
    const job = startJob(
      {
        tenantNo: 1,
        sourceNo: 1,
        receivedAtUs: RECEIVED_US,
        body: body.slice().buffer,
        ...options,
      },
      rows,
      this.scanner.entries,
    );
    let turns = 0;
    while (!this.scanner.scan(job, rows, slice))
      if (++turns > body.length + 1) throw new Error("the scan does not come to an end");
    for (const { seriesNo, measurement, tags, field } of this.scanner.takeEntries())
      this.names.set(seriesNo, nameOf(measurement, tags, field));
    const { series, atUs, value } = rows.frame();
    const readings = Array.from(series, (no, row): Reading => {
      const name = this.names.get(no);
      if (name === undefined) throw new Error(`series ${no} has no entry`);
      return { name, atUs: atUs[row] ?? Number.NaN, value: value[row] ?? 0 };
    });
    return { readings, rejectedLines: job.rejectedLines };
  }
}

function nameOf(measurement: string, tags: Point["tags"], field: string): string {
  const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([measurement, sorted, field]);
}

/** What the body holds, read line by line without anything that is remembered. */
function heldIn(points: readonly Point[]): Reading[] {
  return points.flatMap(({ measurement, tags, fields, timeNs }) =>
    fields
      .filter(({ kind }) => kind !== "null")
      .map(({ name, value }) => ({
        name: nameOf(measurement, tags, name),
        atUs: microsOf(timeNs) ?? Number.NaN,
        value,
      })),
  );
}

const isSame = (a: Reading, b: Reading | undefined) =>
  b !== undefined && a.name === b.name && a.atUs === b.atUs && Object.is(a.value, b.value);

/** Why the scan's readings are not those of the body, or undefined. */
function difference(got: readonly Reading[], held: readonly Reading[], isAll: boolean) {
  let at = 0;
  for (const reading of got) {
    while (at < held.length && !isSame(reading, held[at])) at++;
    if (at++ >= held.length)
      return `a row that the input does not hold: ${JSON.stringify(reading)}`;
  }
  return isAll && got.length !== held.length ? `${got.length} of ${held.length} rows` : undefined;
}

/** Bodies that one scanner takes before a fresh one begins, so that what it remembers stays bounded. */
const BODIES_PER_SUBJECT = 20_000;

/**
 * Scans damaged bodies until `goOn` says no, each against the slow reading of the same bytes: no
 * exception, no hang, no row that the input does not hold, none missing. Returns how many.
 * @throws Error with the body as base64.
 */
export function fuzzScanner(random: Random, goOn: (inputs: number) => boolean): number {
  let subject = new Subject();
  let inputs = 0;
  for (; goOn(inputs); inputs++) {
    if (inputs % BODIES_PER_SUBJECT === 0) subject = new Subject();
    const body = bodyOf(random);
    const dialect = random.pick<Dialect>(["influx", "questdb"]);
    const precision = random.pick(PRECISIONS);
    const slice = 1 + random.int(200);
    let problem: string | undefined;
    try {
      const { readings, rejectedLines } = subject.scan(body, slice, { dialect, precision });
      const defaultNs = BigInt(RECEIVED_US) * 1000n;
      const { points, errors } = decodePoints(body, { dialect, precision, defaultNs });
      const isNone = dialect === "questdb" && rejectedLines > 0;
      if (isNone && readings.length > 0) problem = "rows beside a bad line";
      else if (rejectedLines < Math.min(errors.length, 1)) problem = "a bad line was not refused";
      else
        problem = difference(
          readings,
          isNone ? [] : heldIn(points),
          rejectedLines === errors.length,
        );
    } catch (cause) {
      problem = String(cause);
    }
    if (problem !== undefined)
      throw new Error(
        `${problem}; ${dialect} in ${precision}, slices of ${slice}: ${Buffer.from(body).toString("base64")}`,
      );
  }
  return inputs;
}
