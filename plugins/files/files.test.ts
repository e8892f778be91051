import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { type Attempt, conformance, inProcess } from "../../src/plugin-sdk/conformance.ts";
import type { Batch, Context } from "../../src/plugin-sdk/index.ts";
import { files } from "./index.ts";

type File = string | Uint8Array;

const bytesOf = (file: File) => (typeof file === "string" ? new TextEncoder().encode(file) : file);

/** Everything the plugin makes of a file. */
async function read(file: File, config: Record<string, unknown> = {}, name = "a.csv") {
  const bytes = bytesOf(file);
  const context: Context = {
    checkpoint: undefined,
    signal: new AbortController().signal,
    log: () => {},
    nowUs: () => 0,
    wait: async () => {},
    openFile: async () => ({
      name,
      sizeBytes: bytes.length,
      async *stream(offset) {
        for (let at = offset; at < bytes.length; at += 300_000) {
          yield bytes.subarray(at, at + 300_000);
        }
      },
    }),
  };
  const batches: Batch[] = [];
  for await (const batch of files.read({ file: "upload", ...config }, context)) batches.push(batch);
  const sum = (of: (batch: Batch) => number | undefined) =>
    batches.reduce((total, batch) => total + (of(batch) ?? 0), 0);
  return {
    lines: batches.map((batch) => new TextDecoder().decode(batch.lines?.bytes)).join(""),
    starts: batches.map((batch) => new TextDecoder().decode(batch.lines?.bytes.subarray(0, 2))),
    rows: batches.flatMap((b) => [
      ...(b.assetTypes ?? []),
      ...(b.assets ?? []),
      ...(b.sensors ?? []),
      ...(b.maintenance ?? []),
    ]),
    kind: batches[0]?.kind,
    errors: batches.flatMap((batch) => batch.rowErrors ?? []),
    errorCount: sum((batch) => batch.errorCount),
    seen: sum((batch) => batch.rows),
    missing: sum((batch) => batch.missing),
    origin: batches[0]?.lines?.origin,
  };
}

const Z = "2026-01-01T00:00:00Z";
const US = "1767225600000000";

test.each([
  ["long", `asset,sensor,time,value\nP1,vib,${Z},1.5\n`, {}, `readings,asset=P1 vib=1.5 ${US}\n`],
  [
    "wide",
    `asset,time,vib,temp\nP1,${Z},1.5,20\n`,
    {},
    `readings,asset=P1 vib=1.5,temp=20 ${US}\n`,
  ],
  ["semicolons", `asset;time;vib\nP1;${Z};1.5\n`, {}, `readings,asset=P1 vib=1.5 ${US}\n`],
  ["tabs", `asset\ttime\tvib\nP1\t${Z}\t1.5\n`, {}, `readings,asset=P1 vib=1.5 ${US}\n`],
  ["a byte order mark", `\ufeffasset,time,vib\nP1,${Z},1\n`, {}, `readings,asset=P1 vib=1 ${US}\n`],
  [
    "other names of columns",
    `Device_ID,Timestamp,Vib\nP1,${Z},1\n`,
    {},
    `readings,asset=P1 Vib=1 ${US}\n`,
  ],
  [
    "renamed",
    `unit,when,vib\nP1,${Z},1\n`,
    { rename: { unit: "asset", when: "time" } },
    `readings,asset=P1 vib=1 ${US}\n`,
  ],
  [
    "ignored",
    `asset,time,vib,note\nP1,${Z},1,x\n`,
    { ignore: ["note"] },
    `readings,asset=P1 vib=1 ${US}\n`,
  ],
  [
    "one asset for all",
    `time,vib\n${Z},1\n`,
    { asset: "P 1" },
    `readings,asset=P\\ 1 vib=1 ${US}\n`,
  ],
  [
    "a prefix",
    `asset,time,vib\n1,${Z},1\n`,
    { assetPrefix: "train-" },
    `readings,asset=train-1 vib=1 ${US}\n`,
  ],
  [
    "a measurement",
    `asset,time,vib\nP1,${Z},1\n`,
    { measurement: "pump" },
    `pump,asset=P1 vib=1 ${US}\n`,
  ],
  [
    "names to escape",
    `asset,time,"a b,c=d"\n"P,1",${Z},1\n`,
    {},
    `readings,asset=P\\,1 a\\ b\\,c\\=d=1 ${US}\n`,
  ],
  [
    "no header, blanks",
    "1 3 0.5 7  \n",
    { header: false, columns: ["asset", "time", "s1", "s2"], timeUnit: "h" },
    "readings,asset=1 s1=0.5,s2=7 10800000000\n",
  ],
  [
    "odd numbers",
    `asset,time,a,b,c,d\nP1,${Z},+1,.5,5.,1e400\n`,
    {},
    `readings,asset=P1 a=1,b=0.5,c=5 ${US}\n`,
  ],
  [
    "decimal commas",
    `asset;time;a;b\nP1;${Z};1,5;2\n`,
    { decimal: "," },
    `readings,asset=P1 a=1.5,b=2 ${US}\n`,
  ],
  ["booleans", `asset,time,on\nP1,${Z},TRUE\n`, {}, `readings,asset=P1 on=true ${US}\n`],
  [
    "states",
    `asset,time,mode\nP1,${Z},"say ""x"""\n`,
    { states: ["mode"] },
    `readings,asset=P1 mode="say \\"x\\"" ${US}\n`,
  ],
  [
    "states, long",
    `asset,sensor,time,value\nP1,mode,${Z},7\n`,
    { states: ["mode"] },
    `readings,asset=P1 mode="7" ${US}\n`,
  ],
  [
    "a time before 1970",
    "asset,time,a\nP1,-1.5,1\n",
    { timeUnit: "s" },
    "readings,asset=P1 a=1 -1500000\n",
  ],
  ["the epoch", "asset,time,a\nP1,0,1\n", { timeUnit: "s" }, "readings,asset=P1 a=1 0\n"],
] as const)("readings: %s", async (_name, file, config, expected) => {
  expect((await read(file, config)).lines).toBe(expected);
});

test("what says no value is counted and no error", async () => {
  const got = await read(`asset,time,a,b,c,d\nP1,${Z},,NaN,null,-\nP1,${Z},1,n/a,2,3\n`);
  expect(got.lines).toBe(`readings,asset=P1 a=1,c=2,d=3 ${US}\n`);
  expect([got.missing, got.errorCount, got.seen]).toEqual([5, 0, 2]);
});

test.each([
  ["a bad time", `asset,time,a\nP1,soon,1\nP1,${Z},1\n`, { line: 2, column: "time" }, "not a time"],
  ["no zone", "asset,time,a\nP1,2026-01-01T00:00:00,1\n", { line: 2, column: "time" }, "zone"],
  ["no asset", `asset,time,a\n,${Z},1\n`, { line: 2, column: "asset" }, "is empty"],
  [
    "text for a number",
    `asset,time,a\nP1,${Z},hot\n`,
    { line: 2, column: "a" },
    '"hot" is not a number',
  ],
  ["a decimal comma", `asset;time;a\nP1;${Z};1,5\n`, { line: 2, column: "a" }, "set decimal"],
  ["too few columns", `asset,time,a\nP1,${Z}\n`, { line: 2 }, "2 columns, where the header has 3"],
  ["a quote left open", `asset,time,a\n"P1,${Z},1\nP1,${Z},1\n`, { line: 2 }, "never closed"],
  [
    "a name with a break",
    `asset,time,a\n"P\n1",${Z},1\n`,
    { line: 2, column: "asset" },
    "line break",
  ],
  [
    "a name that ends in \\",
    `asset,time,a\nP\\,${Z},1\n`,
    { line: 2, column: "asset" },
    "backslash",
  ],
  ["a long name", `asset,time,a\n${"x".repeat(300)},${Z},1\n`, { line: 2, column: "asset" }, "256"],
] as const)("row error: %s", async (_name, file, where, reason) => {
  const got = await read(file);
  expect(got.errors).toHaveLength(1);
  expect(got.errors[0]).toMatchObject(where);
  expect(got.errors[0]?.reason).toContain(reason);
});

test("a bad cell loses its reading and not the rest of its row", async () => {
  const got = await read(`asset,time,a,b\nP1,${Z},hot,2\n`);
  expect(got.lines).toBe(`readings,asset=P1 b=2 ${US}\n`);
  expect(got.errorCount).toBe(1);
});

test("lines know which line of the file they come from", async () => {
  const got = await read(`asset,time,a\nP1,${Z},1\nP1,x,1\n\nP1,${Z},2\nP1,${Z},3\n`);
  expect(got.origin).toEqual([
    [1, 2],
    [2, 5],
  ]);
});

test("a row of very many sensors becomes several lines of one time", async () => {
  const names = Array.from({ length: 4_000 }, (_, i) => `sensor_with_a_name_${i}`);
  const got = await read(
    `asset,time,${names.join(",")}\nP1,${Z},${names.map(() => "1.25").join(",")}\n`,
  );
  const lines = got.lines.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(1);
  expect(
    lines.every((line) => line.startsWith("readings,asset=P1 ") && line.endsWith(` ${US}`)),
  ).toBe(true);
  expect(got.lines.match(/=1\.25/g)).toHaveLength(4_000);
});

test("errors beyond a hundred are counted", async () => {
  const got = await read(`asset,time,a\n${"P1,x,1\n".repeat(250)}`);
  expect([got.errors.length, got.errorCount, got.seen]).toEqual([100, 250, 250]);
});

test.each([
  [
    "assets",
    "key,name,type,parent,site,criticality,installed_at,downtime_cost_per_hour,repair_cost,failure_cost\nP1,Pump 1,pump,HALL,Main,A,2020-05-01,100,2e3,30000.5\nP2,,,,,,,,,\n",
    [
      {
        key: "P1",
        name: "Pump 1",
        type: "pump",
        parent: "HALL",
        site: "Main",
        criticality: "A",
        installedAtUs: Date.parse("2020-05-01") * 1_000,
        downtimeCostPerHour: 100,
        repairCost: 2_000,
        failureCost: 30_000.5,
      },
      { key: "P2" },
    ],
  ],
  [
    "sensors",
    "asset,name,unit,decimals,low_critical,low_warning,high_warning,high_critical\nP1,vib,mm/s,2,,,4.5,7.1\n",
    [{ asset: "P1", name: "vib", unit: "mm/s", decimals: 2, highWarning: 4.5, highCritical: 7.1 }],
  ],
  [
    "asset-types",
    "name,clock_step_hours,clock_unit,planning_horizon_steps,settings\nengine,1,cycle,30,alt; mach ;\n",
    [
      {
        name: "engine",
        clockStepHours: 1,
        clockUnit: "cycle",
        planningHorizonSteps: 30,
        settings: ["alt", "mach"],
      },
    ],
  ],
  [
    "maintenance",
    `asset,started_at,finished_at,kind,failure_mode,title,cost,hours,external_key\nP1,${Z},,Failure,bearing,"Bearing, new",900,4.5,WO-1\n`,
    [
      {
        asset: "P1",
        startedAtUs: Number(US),
        kind: "failure",
        failureMode: "bearing",
        title: "Bearing, new",
        cost: 900,
        hours: 4.5,
        externalKey: "file:WO-1",
      },
    ],
  ],
] as const)("table: %s", async (kind, file, expected) => {
  const got = await read(file);
  expect(got.kind).toBe(kind);
  expect(got.errors).toEqual([]);
  expect(got.rows as unknown).toEqual(expected);
});

test.each([
  ["assets", "key,name\n,x\n", { line: 2, column: "key" }, "is empty"],
  ["a parent of itself", "key,parent\nP1,P1\n", { line: 2, column: "parent" }, "itself"],
  [
    "a cost in words",
    "key,repair_cost\nP1,cheap\n",
    { line: 2, column: "repair_cost" },
    "not a number",
  ],
  [
    "limits out of order",
    "asset,name,high_warning,high_critical\nP1,a,9,5\n",
    { line: 2, column: "high_critical" },
    "below high_warning",
  ],
  ["decimals", "asset,name,decimals\nP1,a,1.5\n", { line: 2, column: "decimals" }, "whole number"],
  [
    "a kind of work",
    `asset,started_at,kind\nP1,${Z},explosion\n`,
    { line: 2, column: "kind" },
    "none of failure, planned, nothing_found",
  ],
  [
    "an end before the start",
    `asset,started_at,finished_at,kind\nP1,${Z},2025-01-01T00:00:00Z,failure\n`,
    { line: 2, column: "finished_at" },
    "before",
  ],
] as const)("table error: %s", async (_name, file, where, reason) => {
  const got = await read(file);
  expect(got.rows).toEqual([]);
  expect(got.errors).toHaveLength(1);
  expect(got.errors[0]).toMatchObject(where);
  expect(got.errors[0]?.reason).toContain(reason);
});

test("maintenance rows without a key of their own get one from what they say", async () => {
  const row = (title: string) => `P1,${Z},failure,${title}\n`;
  const head = "asset,started_at,kind,title\n";
  const [a, b] = (await read(head + row("a") + row("b"))).rows;
  const [again] = (await read(head + row("a"))).rows;
  expect(again).toEqual(a as never);
  expect(a).not.toMatchObject({ externalKey: (b as { externalKey: string }).externalKey });
});

test.each([
  [
    "missing columns name what was found",
    "asset,when,vib\nP1,1,2\n",
    {},
    "a.csv has the columns asset, when, vib, which fits no kind",
  ],
  [
    "a forced kind says what it needs",
    "asset,when,vib\nP1,1,2\n",
    { kind: "readings" },
    "readings also need time",
  ],
  ["a column twice", "asset,time,a,a\n", {}, "a occurs twice"],
  ["nothing", "", {}, "is empty"],
  ["only empty lines", "\n\n", {}, "empty lines only"],
  ["a workbook", new Uint8Array([0x50, 0x4b, 3, 4]), {}, "Excel or ZIP"],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 65, 0]), {}, "UTF-16"],
  ["a binary", new Uint8Array([1, 0, 2]), {}, "not a text file"],
  ["latin 1 in the header", new Uint8Array([0xe4, 44, 65, 10]), {}, "not UTF-8"],
  ["no header and no columns", "1,2\n", { header: false }, "columns must name"],
  ["a cut gzip", gzipSync("x".repeat(99_999)).subarray(0, 60), {}, "damaged or cut short"],
  [
    "too large a gzip",
    gzipSync("x".repeat(99_999)),
    { inflatedBytesMax: 1_000 },
    "inflates to more than",
  ],
] as const)("refused: %s", async (_name, file, config, message) => {
  await expect(read(file as File, config)).rejects.toThrow(message);
});

test("a line protocol file is cut between lines only, whatever is quoted", async () => {
  const text = [
    'm,asset=a t="a\nb",v=1 1\n', // a text with a line break
    'm"q,asset="a a"b=1 2\n', // quotes in names are themselves
    'm,asset=a t="say \\"x\\" \\\\" 3\n', // escaped quotes, a backslash at the end
    "# it's a \"comment\n",
    "m,asset=a v=1 4\n",
  ].join("");
  const got = await read(text.repeat(12_000), {}, "a.lp");
  expect(got.lines).toBe(text.repeat(12_000));
  expect(got.starts.length).toBeGreaterThan(1);
  for (const start of got.starts) expect(["m,", 'm"', "# "]).toContain(start);
});

test.each([
  ["as it is", "m f=1 1\nm f=2 2\n", "m f=1 1\nm f=2 2\n", 2],
  ["the last line end is added", "m f=1 1", "m f=1 1\n", 1],
  ["a text with a line break", 'm f="a\nb" 1\nm f=2 2\n', 'm f="a\nb" 1\nm f=2 2\n', 3],
] as const)("line protocol: %s", async (_name, file, expected, rows) => {
  const plain = await read(file, {}, "a.lp");
  expect([plain.lines, plain.seen]).toEqual([expected, rows]);
  expect((await read(gzipSync(file), {}, "a.lp.gz")).lines).toBe(expected);
});

const manyRows = (count: number, row: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i)).join("");
const iso = (i: number) => new Date(Date.UTC(2026, 0, 1) + i * 1_000).toISOString();
const wide = `asset,time,a,b,c\n${manyRows(40_000, (i) => `P${i % 7},${iso(i)},${i},${i / 8},${i % 999 === 5 ? "bad" : i % 5}\n`)}`;
const work = `asset,started_at,kind\n${manyRows(25_000, (i) => `P${i},${iso(i)},failure\n`)}`;
const lines = manyRows(80_000, (i) => `m,asset=P${i % 7} a=${i},t="x y" ${i}\n`);

const badConfigs = [
  { config: {}, mentions: "file" },
  { config: { file: "upload", kind: "novel" }, mentions: "kind" },
  { config: { file: "upload", zone: "Mars/Base" }, mentions: "zone" },
  { config: { file: "upload", colour: "red" }, mentions: "colour" },
  { config: { file: "nowhere" }, mentions: "nowhere" },
] satisfies { config: Attempt["config"]; mentions: string }[];

for (const [kind, name, text] of [
  ["readings", "wide.csv", wide],
  ["maintenance", "work.csv", work],
  ["line protocol", "a.lp", lines],
] as const) {
  for (const [form, file] of [
    ["plain", { name, bytes: bytesOf(text) }],
    ["gzip", { name: `${name}.gz`, bytes: gzipSync(text) }],
  ] as const) {
    const run = inProcess(files, { upload: file });
    const cases = conformance({
      run,
      config: { file: "upload" },
      badConfigs: badConfigs.slice(0, 2),
    });
    for (const c of cases) test(`conformance, ${kind}, ${form}: ${c.name}`, c.run);
  }
}

const csv = inProcess(files, { upload: { name: "wide.csv", bytes: bytesOf(wide) } });
for (const c of conformance({ run: csv, config: { file: "upload" }, badConfigs }).slice(4)) {
  test(`conformance: ${c.name}`, c.run);
}
