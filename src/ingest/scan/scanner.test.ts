import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Dialect, Precision } from "../../domain/engine.ts";
import { Dictionary, KeyTable, Rows, Scanner, startJob } from "../index.ts";
import { decodePoints } from "./points.ts";

const RECEIVED_US = 1_700_000_000_000_000;

function scannerOf(maxSeries = 1_000, maxSeriesPerTenant = maxSeries) {
  const dictionary = new Dictionary(maxSeries, maxSeriesPerTenant);
  const scanner = new Scanner(dictionary, new KeyTable());
  const names = new Map<number, string>();
  return {
    dictionary,
    /** Scans a body and answers its readings as [series name, µs, value, text]. */
    scan(
      text: string | Uint8Array,
      options: {
        dialect?: Dialect;
        precision?: Precision;
        tenantNo?: number;
        slice?: number;
        isAtomic?: boolean;
        keepsGoodLines?: boolean;
        refusal?: string;
      } = {},
    ) {
      const rows = new Rows(4);
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      const { dialect = "influx", precision = "ns", tenantNo = 1, slice = 1 << 20 } = options;
      const { isAtomic = false, keepsGoodLines = false } = options;
      const job = startJob(
        {
          tenantNo,
          sourceNo: 7,
          dialect,
          precision,
          isAtomic,
          keepsGoodLines,
          ...(options.refusal === undefined ? {} : { refusal: options.refusal }),
          receivedAtUs: RECEIVED_US,
          body: bytes.slice().buffer,
        },
        rows,
        scanner.entries,
      );
      while (!scanner.scan(job, rows, slice));
      for (const { seriesNo, measurement, tags, field } of scanner.takeEntries())
        names.set(
          seriesNo,
          `${measurement}${tags.map(([k, v]) => `,${k}=${v}`).join("")} ${field}`,
        );
      const { series, atUs, value, texts } = rows.frame();
      const readings = [...series].map((s, row) => [
        names.get(s),
        atUs[row],
        value[row],
        texts.find((t) => t.row === row)?.text,
      ]);
      const { lines, rejectedLines, errors, quarantined } = job;
      return { readings, lines, rejectedLines, errors, quarantined, runs: rows.runs };
    },
  };
}

const AT = "1700000000000000000";

test.each<[string, string, (string | number | undefined)[]]>([
  ["a float", `m,a=1 v=1.5 ${AT}`, ["m,a=1 v", RECEIVED_US, 1.5, undefined]],
  ["an integer", `m v=-42i ${AT}`, ["m v", RECEIVED_US, -42, undefined]],
  ["an unsigned one", `m v=42u ${AT}`, ["m v", RECEIVED_US, 42, undefined]],
  [
    "an integer beyond 2^53, kept as text beside",
    `m v=9007199254740993i ${AT}`,
    ["m v", RECEIVED_US, 9007199254740992, "9007199254740993"],
  ],
  ["a boolean", `m v=T ${AT}`, ["m v", RECEIVED_US, 1, undefined]],
  ["a string", `m v="on, off" ${AT}`, ["m v", RECEIVED_US, Number.NaN, "on, off"]],
  ["an exponent", `m v=1e-3 ${AT}`, ["m v", RECEIVED_US, 0.001, undefined]],
  ["no time", "m v=1", ["m v", RECEIVED_US, 1, undefined]],
  ["ns rounded down to µs", "m v=1 1999", ["m v", 1, 1, undefined]],
  ["a time before 1970", "m v=1 -1", ["m v", -1, 1, undefined]],
  ["tags in any order", "m,b=2,a=1 v=1 1000", ["m,a=1,b=2 v", 1, 1, undefined]],
  ["escapes", "m\\ x,a\\,b=c\\=d v\\ 1=1 1000", ["m x,a,b=c=d v 1", 1, 1, undefined]],
])("scan: %s, at first and when its bytes are known", (_name, line, want) => {
  const { scan } = scannerOf();
  expect(scan(line).readings).toEqual([want]);
  const padding = `${line}\n`.repeat(40);
  expect(scan(padding).readings).toEqual(Array.from({ length: 40 }, () => want));
});

test.each<[Dialect, string, number, string]>([
  ["influx", "m v=1 1\nm v=\nm v=2 2\n", 5, "missing field value"],
  ["influx", "m v=1 1\nm v=1i2 1\nm v=2 2\n", 5, "invalid value 1i2"],
  ["influx", "m v=1 1\nm,a=1,a=2 v=1 1\nm v=2 2\n", 7, "duplicate tag a"],
  ["influx", 'm v=1 1\nm v="text" 1\nm v=2 2\n', 3, "field v is numeric, the line has state"],
  ["influx", "m v=1 1\nm v=t 1\nm v=2 2\n", 3, "field v is numeric, the line has boolean"],
  ["influx", "m v=1 1\nm v=1 99999999999999999999\nm v=2 2\n", 7, "timestamp out of range"],
  ["questdb", "m v=1 1\n# no comment\nm v=2 2\n", 5, "expected = after the field"],
])("scan: %s dialect says where and why %j is bad", (dialect, body, column, reason) => {
  const { scan } = scannerOf();
  const got = scan(body, { dialect });
  expect(got.errors).toMatchObject([{ lineNo: 2, column, reason }]);
  expect(got.quarantined).toHaveLength(1);
  // InfluxDB's dialect keeps the lines around it, QuestDB's nothing of the request.
  expect(got.readings.map((r) => r[2])).toEqual(dialect === "influx" ? [1, 2] : []);
});

test("a line over the limit is refused, the ones around it are kept", () => {
  const { scan } = scannerOf();
  const got = scan(`m v=1 1\nm s="${"x".repeat(1 << 20)}" 1\nm v=2 2\n`);
  expect(got.errors[0]?.reason).toStartWith("longer than 1048576 bytes");
  expect(got.readings.map((r) => r[2])).toEqual([1, 2]);
});

test("the beginning of a line that is refused unread is one rejected line, whatever it says", () => {
  const { scan } = scannerOf();
  const got = scan("m v=1 1\nm v=2 2", { refusal: "too long", slice: 3 });
  expect(got).toMatchObject({ readings: [], lines: 1, rejectedLines: 1 });
  expect(got.quarantined).toMatchObject([{ reason: "too long", line: "m v=1 1\nm v=2 2" }]);
});

test("names, tags and fields are bounded", () => {
  const { scan } = scannerOf();
  const long = "x".repeat(4097);
  const tags = Array.from({ length: 257 }, (_, i) => `t${i}=1`).join(",");
  const fields = Array.from({ length: 4097 }, (_, i) => `f${i}=1`).join(",");
  const got = scan(`${long} v=1 1\nm,${tags} v=1 1\nm ${fields} 1\nm,t=1 v=1 1000\n`);
  expect(got.errors.map((e) => e.reason)).toEqual([
    "the measurement is longer than 4096 bytes; shorten it",
    "more than 256 tags",
    "more than 4096 fields",
  ]);
  expect(got.readings).toHaveLength(1);
});

test("series that a refused QuestDB request named get their entries with the next good one", () => {
  const { scan } = scannerOf();
  expect(scan("m new=1 1\nbad\n", { dialect: "questdb" }).readings).toEqual([]);
  expect(scan('m new="now a state" 1000\n', { dialect: "questdb" }).readings).toEqual([
    ["m new", 1, Number.NaN, "now a state"],
  ]);
});

test("over the limit only lines of new series are refused", () => {
  const { scan } = scannerOf(2);
  const got = scan("m a=1 1\nm b=1 1\nm c=1 1\nm a=2,c=1 2\nm b=2 2\n");
  expect(got.rejectedLines).toBe(2);
  expect(got.readings.map((r) => [r[0], r[2]])).toEqual([
    ["m a", 1],
    ["m b", 1],
    ["m b", 2],
  ]);
});

test("one tenant at its limit is refused new series, another still gets them", () => {
  const { scan } = scannerOf(4, 2);
  const body = "m a=1 1\nm b=1 1\nm c=1 1\nm a=2 2\n";
  const first = scan(body, { tenantNo: 1 });
  expect(first.errors).toMatchObject([{ lineNo: 3, column: 3, isSeriesLimit: true }]);
  expect(first.errors[0]?.reason).toContain("FORESIGHT_MAX_SERIES_PER_TENANT");
  expect(first.readings.map((r) => r[2])).toEqual([1, 1, 2]);
  expect(scan(body, { tenantNo: 2 }).readings.map((r) => r[2])).toEqual([1, 1, 2]);
  // Both limits are reached: the tenant that has room still hears which one stopped it.
  const third = scan("m a=1 1\n", { tenantNo: 3 });
  expect(third.errors[0]?.reason).toEndWith("raise FORESIGHT_MAX_SERIES");
});

test("a series that is loaded twice counts once against its tenant", () => {
  const dictionary = new Dictionary(10, 2);
  const seen = {
    tenantNo: 1,
    sourceNo: 1,
    measurement: "m",
    tags: [],
    kind: "numeric",
    atUs: 1,
  } as const;
  const entry = { ...seen, field: "a", seriesNo: 1, deviceKey: "m", firstAtUs: 1 };
  dictionary.load(entry);
  dictionary.load(entry);
  expect(dictionary.numberOf({ ...seen, field: "b" })).toBe(2);
  expect(dictionary.numberOf({ ...seen, field: "c" })).toBeUndefined();
  expect(dictionary.numberOf({ ...seen, field: "a" })).toBe(1);
});

test("the same bytes of two tenants, and of two dialects, are different series", () => {
  const { scan, dictionary } = scannerOf();
  const body = "m,a=x\\\\y v=1 1000\n".repeat(30);
  scan(body, { tenantNo: 1 });
  scan(body, { tenantNo: 2 });
  scan(body, { tenantNo: 2, dialect: "questdb" });
  scan(body, { tenantNo: 1 });
  expect(dictionary.count).toBe(3);
});

test("QuestDB's binary doubles may hold newlines", () => {
  const double = new Uint8Array(new Float64Array([1.2345]).buffer);
  double[0] = 10;
  const value = new Float64Array(double.buffer)[0];
  const line = Buffer.concat([Buffer.from("m v=="), Buffer.of(16), double, Buffer.from(" 1000\n")]);
  const { scan } = scannerOf();
  const got = scan(Buffer.concat([line, line]), { dialect: "questdb" });
  expect(got.readings).toEqual(Array.from({ length: 2 }, () => ["m v", 1, value, undefined]));
});

test("a run names the source and time of a request's rows", () => {
  const { scan } = scannerOf();
  expect(scan("m a=1,b=2 1\n").runs).toMatchObject([
    { tenantNo: 1, sourceNo: 7, receivedAtUs: RECEIVED_US, endRow: 2 },
  ]);
});

const word = fc.stringMatching(/^[a-z\\ ,=é]{1,6}$/).filter((w) => !w.endsWith("\\"));
const escaped = (text: string, dialect: Dialect) =>
  text.replace(dialect === "questdb" ? /[ ,=\\]/g : /[ ,=]/g, "\\$&");
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map((n) => `${n}`),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => n.toFixed(3)),
);
const lines = fc.array(
  fc.record({
    head: fc.integer({ min: 0, max: 5 }),
    fields: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
    values: fc.array(value, { minLength: 4, maxLength: 4 }),
    time: fc.integer({ min: 0, max: 2 ** 31 }),
    digits: fc.constantFrom("", "000000000"),
  }),
  { maxLength: 60 },
);

test("known bytes are read exactly as the slow way reads them, in slices of any size", () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 6, maxLength: 6 }),
      lines,
      fc.integer({ min: 1, max: 400 }),
      fc.constantFrom<Dialect>("influx", "questdb"),
      (words, sent, slice, dialect) => {
        const body = sent
          .map(({ head, fields, values, time, digits }) => {
            const name = escaped(words[head] ?? "m", dialect);
            const set = fields.map((f, i) => `f${f}=${values[i]}`).join(",");
            return `m${name},t=${name} ${set} ${time}${digits}\n`;
          })
          .join("");
        const { scan } = scannerOf();
        scan(body, { dialect });
        const got = scan(body, { dialect, slice });
        const bytes = new TextEncoder().encode(body);
        const points = decodePoints(bytes, { dialect, precision: "ns", defaultNs: 0n }).points;
        const want = points.flatMap(({ fields, timeNs }) =>
          fields.map((f) => [Number(timeNs / 1000n), f.value]),
        );
        expect(got.readings.map((r) => [r[1], r[2]])).toEqual(want);
        expect(got.lines).toBe(sent.length);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  // a time of each size, the µs that it is
  ["1700000000", 1_700_000_000_000_000],
  ["4999999999", 4_999_999_999_000_000],
  ["5000000000", 5_000_000_000_000],
  ["1700000000123", 1_700_000_000_123_000],
  ["1700000000123456", 1_700_000_000_123_456],
  ["4999999999999999", 4_999_999_999_999_999],
  ["5000000000000000", 5_000_000_000_000],
  ["1700000000123456789", 1_700_000_000_123_456],
  ["-1", -1_000_000],
])("the size of %s tells its unit, the slow way and the fast", (time, atUs) => {
  const line = `m,a=1 v=1 ${time}\n`;
  // The first line teaches the series, the following are known; the last has too little behind it.
  const { readings } = scannerOf().scan(line.repeat(8), { precision: "auto" });
  expect(readings.map(([, at]) => at)).toEqual(Array.from({ length: 8 }, () => atUs));
});

test("a request that asks for all or none keeps nothing beside a bad line", () => {
  const text = `m v=1 ${AT}\nm v= ${AT}\nm v=2 ${AT}`;
  expect(scannerOf().scan(text, { isAtomic: true })).toMatchObject({
    readings: [],
    rejectedLines: 1,
    errors: [{ lineNo: 2 }],
  });
  expect(scannerOf().scan(text).readings).toHaveLength(2);
});

test("QuestDB's good lines are kept beside bad ones where nobody can be answered", () => {
  const text = `m v=1 ${AT}\nm v=one ${AT}\nm v=2 ${AT}`;
  expect(scannerOf().scan(text, { dialect: "questdb" }).readings).toEqual([]);
  const kept = scannerOf().scan(text, { dialect: "questdb", keepsGoodLines: true });
  expect(kept).toMatchObject({ rejectedLines: 1, errors: [{ lineNo: 2 }] });
  expect(kept.readings).toHaveLength(2);
});
