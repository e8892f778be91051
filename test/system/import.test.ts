import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { BINARY, binary, cleanEnv, foresight, inspect, type Ran, startServer } from "./harness.ts";
import { adoptAll, type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

/** A test runs the program several times, on a machine that may be busy. */
setDefaultTimeout(60_000);

const SECOND_US = 1_000_000;
/** Further back than raw readings are kept. */
const OLD_US = 1_500_000_000 * SECOND_US;
const root = temporaryFolder("import");
let plant: Plant;
let acme: Tenant;

beforeAll(async () => {
  if (!binary.ok) return;
  plant = await startPlant(["acme"]);
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

let folders = 0;
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(root, `files-${folders++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** What one installation of the command keeps between its runs. */
const own = (folder: string): string[] => [
  ...["--url", plant.server.url, "--token", acme.writeToken],
  ...["--state", `${folder}-state`, "--rejects", `${folder}-rejects.csv`],
];

const run = (folder: string, ...more: string[]): Promise<Ran> =>
  foresight(["import", "readings", folder, ...own(folder), "--json", ...more], {
    env: { XDG_CACHE_HOME: join(root, "cache") },
  });

const valuesOf = async (query: string): Promise<[number, number][]> =>
  readingsOf(acme, await seriesNoOf(acme, query), OLD_US - 1, OLD_US + 86_400 * SECOND_US);

const iso = (second: number): string =>
  new Date(OLD_US / 1000 + second * 1000).toISOString().replace(".000Z", "Z");
const expected = (count: number, value: (i: number) => number): [number, number][] =>
  Array.from({ length: count }, (_, i) => [OLD_US + i * SECOND_US, value(i)]);

testWith(binary)("long and wide CSV, packed or not, in the forms that sheets write", async () => {
  const seconds = Array.from({ length: 50 }, (_, i) => i);
  const folder = folderWith({
    "long.csv": `asset,sensor,time,value\n${seconds.map((i) => `L1,lt,${iso(i)},${i / 4}`).join("\n")}`,
    "wide.csv.gz": gzipSync(
      `Zeit;asset;w1;w2\n${seconds.map((i) => `${OLD_US / SECOND_US + i};L1;${i},5;${i === 3 ? "" : -i}`).join("\r\n")}\n`,
    ),
    "more.tsv.zst": zstdCompressSync(
      `ts\tmachine\tfield\tvalue\n${seconds.map((i) => `${OLD_US / 1000 + i * 1000}\tL1\tz1\t${i}`).join("\n")}`,
    ),
    "notes.txt": "no readings",
  });
  const dry = await run(folder, "--dry-run");
  expect([dry.code, dry.stderr]).toEqual([0, expect.stringContaining('decimal sign ","')]);
  expect(dry.stderr).toContain("numbers in ms");
  const ran = await run(folder);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("notes.txt")]);
  expect(JSON.parse(ran.stdout).files).toMatchObject([
    { status: "done", readings: 50, bad: 0 },
    { status: "done", readings: 50, bad: 0 },
    { status: "done", readings: 99, missing: 1, bad: 0 },
  ]);
  await inspect(plant.server.data);
  expect(await valuesOf("lt")).toEqual(expected(50, (i) => i / 4));
  expect(await valuesOf("w1")).toEqual(expected(50, (i) => i + 0.5));
  expect(await valuesOf("z1")).toEqual(expected(50, (i) => i));
  const again = JSON.parse((await run(folder)).stdout).files as { status: string }[];
  expect(again.map(({ status }) => status)).toEqual(["done before", "done before", "done before"]);
});

testWith(binary)("Parquet, long and wide, with its own types", async () => {
  const at = Array.from({ length: 40 }, (_, i) => new Date(OLD_US / 1000 + i * 1000));
  const text = (name: string, data: string[]) => ({ name, data, type: "STRING" as const });
  const time = { name: "time", data: at, type: "TIMESTAMP" as const };
  const folder = folderWith({
    "long.parquet": new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          text(
            "asset",
            at.map(() => "Q 1"),
          ),
          text(
            "sensor",
            at.map((_, i) => (i === 7 ? "" : "pl")),
          ),
          time,
          { name: "value", data: at.map((_, i) => i / 8), type: "DOUBLE" },
        ],
      }),
    ),
    "wide.parquet": new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          text(
            "asset",
            at.map(() => "Q 1"),
          ),
          time,
          { name: "pw", data: at.map((_, i) => i + 0.25), type: "DOUBLE" },
          { name: "pc", data: at.map((_, i) => BigInt(i)), type: "INT64" },
          { name: "pb", data: at.map((_, i) => i % 2 === 0), type: "BOOLEAN" },
        ],
      }),
    ),
  });
  const ran = await run(folder);
  expect([ran.code, ran.stderr]).toEqual([3, ""]);
  expect(JSON.parse(ran.stdout).files).toMatchObject([
    { status: "done", rows: 40, readings: 39, bad: 1 },
    { status: "done", rows: 40, readings: 120, bad: 0 },
  ]);
  expect(readFileSync(`${folder}-rejects.csv`, "utf8")).toContain(
    "long.parquet,8,,it has no sensor,",
  );
  await inspect(plant.server.data);
  expect((await valuesOf("pl")).length).toBe(39);
  expect(await valuesOf("pw")).toEqual(expected(40, (i) => i + 0.25));
  expect(await valuesOf("pc")).toEqual(expected(40, (i) => i));
});

testWith(binary)(
  "line protocol in both dialects; bad lines are listed, the good ones are kept",
  async () => {
    const lines = (field: string) =>
      Array.from({ length: 30 }, (_, i) =>
        i === 9 ? "broken" : `m,asset=D1 ${field}=${i} ${OLD_US / SECOND_US + i}`,
      ).join("\n");
    for (const [dialect, field] of [
      ["influx", "di"],
      ["questdb", "dq"],
    ] as const) {
      const folder = folderWith({ "a.lp": lines(field) });
      const ran = await run(folder, "--dialect", dialect, "--precision", "s");
      expect([ran.code, ran.stderr]).toEqual([3, ""]);
      const { files } = JSON.parse(ran.stdout);
      expect(files).toMatchObject([{ status: "done", rows: 30, readings: 29, bad: 1 }]);
      const [header, line, ...rest] = readFileSync(`${folder}-rejects.csv`, "utf8").split("\n");
      expect(header).toBe("file,line,column,reason,text");
      expect(line).toMatch(/a\.lp,10,\d+,.+,broken$/);
      expect(rest).toEqual([""]);
      await inspect(plant.server.data);
      expect((await valuesOf(field)).length).toBe(29);
    }
  },
);

testWith(binary)(
  "killed at any moment, a second run loses nothing and doubles nothing",
  async () => {
    const count = 200_000;
    const header = "time,asset,k1,k2";
    const row = (i: number) =>
      `${OLD_US / 1000 + i},K1,${i === 150_000 ? "bad" : i % 97},${i % 89}`;
    const folder = folderWith({
      "big.csv": `${header}\n${Array.from({ length: count }, (_, i) => row(i)).join("\n")}\n`,
    });
    const before = (await inspect(plant.server.data)).readings;
    const child = Bun.spawn(
      [BINARY, "import", "readings", folder, ...own(folder), "--rate", "100000"],
      { env: cleanEnv(), stdout: "ignore", stderr: "ignore" },
    );
    // Some of it is noted and not all: the rate sees to it that the kill comes in the middle.
    await waitFor("a part that is noted", async () =>
      existsSync(`${folder}-state`)
        ? readdirSync(`${folder}-state`).some(
            (name) =>
              name.endsWith(".checkpoint") &&
              readFileSync(join(`${folder}-state`, name), "utf8").includes('"checkpoint":'),
          )
        : undefined,
    );
    child.kill("SIGKILL");
    await child.exited;
    const ran = await run(folder);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain("goes on after");
    expect(JSON.parse(ran.stdout).files).toMatchObject([
      { status: "done", rows: count, readings: 2 * count - 1, bad: 1 },
    ]);
    expect((await inspect(plant.server.data)).readings - before).toBe(2 * count - 1);
    const rejects = readFileSync(`${folder}-rejects.csv`, "utf8").trim().split("\n");
    expect(rejects).toEqual([
      "file,line,column,reason,text",
      expect.stringContaining("big.csv,150002,k1,"),
    ]);
  },
  60_000,
);

testWith(binary)(
  "history raises no alarm where nothing is newer; a live reading does",
  async () => {
    const now = Math.floor(Date.now() / 1000);
    const write = (second: number, value: number) =>
      acme.device.write(`m,asset=R1 hot=${value} ${second}000000`);
    expect((await write(now - 86_400, 1)).status).toBe(204);
    const seriesNo = await seriesNoOf(acme, "hot");
    await adoptAll(acme, [seriesNo]);
    const sensors = await acme.admin.get(`/api/v1/sensors/${acme.id}?limit=1000`);
    const sensor = (sensors.body.items as { id: string; name: string }[]).find(
      (s) => s.name === "hot",
    );
    const made = await acme.admin.post(`/api/v1/rules/${acme.id}`, {
      name: "hot",
      severity: "critical",
      op: "above",
      threshold: 50,
      clear: 40,
      holdMs: 0,
      scope: { kind: "sensor", sensorId: sensor?.id },
    });
    expect(made.status).toBe(201);
    const folder = folderWith({
      "hot.lp": `m,asset=R1 hot=99 ${now - 3_600}\nm,asset=R1 hot=98 ${now - 60}\n`,
    });
    expect((await run(folder, "--precision", "s")).code).toBe(0);
    await inspect(plant.server.data);
    const alerts = async () =>
      (await acme.admin.get(`/api/v1/alerts/${acme.id}?view=all&limit=100`)).body
        .items as unknown[];
    expect(await alerts()).toEqual([]);
    expect((await readingsOf(acme, seriesNo, 0, (now + 1) * SECOND_US)).length).toBe(3);
    expect((await write(now, 97)).status).toBe(204);
    await waitFor("the alarm", async () => (await alerts()).length === 1);
  },
);

testWith(binary)(
  "history older than raw readings are kept stays after retention has run",
  async () => {
    const before = await inspect(plant.server.data);
    const ran = await acme.admin.post(`/api/v1/retention/${acme.id}/runs`, {});
    expect(ran.status).toBeLessThan(300);
    const after = await inspect(plant.server.data);
    expect([after.readings, after.buckets]).toEqual([before.readings, before.buckets]);
    expect((await valuesOf("lt")).length).toBe(50);
  },
);

testWith(binary)("stopped, it says so, and a second run goes on", async () => {
  const count = 150_000;
  const folder = folderWith({
    "big.lp": Array.from({ length: count }, (_, i) => `m,asset=T1 st=${i} ${OLD_US + i}`).join(
      "\n",
    ),
  });
  const before = (await inspect(plant.server.data)).readings;
  const child = Bun.spawn(
    [BINARY, "import", "readings", folder, ...own(folder), "--rate", "30000"],
    { env: cleanEnv(), stdout: "pipe", stderr: "ignore" },
  );
  await waitFor("some of it", async () => (await inspect(plant.server.data)).readings > before);
  child.kill("SIGTERM");
  expect(await new Response(child.stdout).text()).toContain("big.lp: stopped");
  expect(await child.exited).toBe(1);
  const ran = await run(folder);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("goes on after")]);
  expect((await inspect(plant.server.data)).readings - before).toBe(count);
});

testWith(binary)(
  "a server that is killed meanwhile is waited for",
  async () => {
    const count = 120_000;
    const folder = folderWith({
      "big.lp": Array.from({ length: count }, (_, i) => `m,asset=S1 sk=${i} ${OLD_US + i}`).join(
        "\n",
      ),
    });
    const { server } = plant;
    const before = (await inspect(server.data)).readings;
    const importing = run(folder, "--rate", "30000");
    await waitFor("some of it", async () => (await inspect(server.data)).readings > before);
    await server.kill();
    plant = { ...plant, server: await startServer({ data: server.data, port: server.port }) };
    const ran = await importing;
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("waiting: ")]);
    expect(JSON.parse(ran.stdout).waits).toBeGreaterThan(0);
    expect((await inspect(server.data)).readings - before).toBe(count);
  },
  60_000,
);

testWith(binary)("what cannot be is said, with what to do", async () => {
  const folder = folderWith({
    "a.csv": "x,y\n1,2\n",
    "b.lp": `m,asset=E1 ok=1 ${OLD_US / SECOND_US}\n`,
  });
  const ran = await run(folder);
  expect(ran.code).toBe(1);
  const { files } = JSON.parse(ran.stdout);
  expect(files).toMatchObject([{ status: "failed" }, { status: "done", readings: 1 }]);
  expect(files[0].reason).toContain("need");
  const wrong = await foresight(
    [
      "import",
      "readings",
      folder,
      "--url",
      plant.server.url,
      "--token",
      "no",
      "--state",
      `${folder}-2`,
    ],
    { cwd: root },
  );
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("401")]);
  expect(existsSync(join(root, "import-rejects.csv"))).toBe(false);
  const none = await foresight(["import", "readings", join(root, "nothing"), ...own(folder)]);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("there is no")]);
});
