import { expect } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arrayBytes, bodyOf } from "../../src/ingest/scan/testdata/binary-line.ts";
import { testWith } from "../services/needs.ts";
import { seriesEnv } from "../services/series-place.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { binary, foresight, foresightOk, inspect } from "./harness.ts";
import { startPlant } from "./plant.ts";

const AT = 1_790_000_000_000_000;

/** Lines as InfluxDB's dialect writes them, each a field, times in ns. */
const LINES = [
  `pump,asset=A,sensor=x value=2.1 ${AT}000`,
  `pump,asset=A,sensor=x value=-0 ${AT + 1}000`,
  `pump,asset=A,sensor=x value=1e+300 ${AT + 2}000`,
  `pump,asset=A big=9007199254740993i ${AT}000`,
  `pump,asset=A big=18446744073709551615u ${AT + 1}000`,
  `pump,asset=A big=-9223372036854775808i ${AT + 2}000`,
  `pump,asset=A on=t ${AT}000`,
  `pump,asset=A on=f ${AT + 1}000`,
  `pump,asset=A state="say \\"no\\", \\\\ or\nnothing é💡" ${AT}000`,
  `my\\ pump\\,1,ta\\=g=v\\ a\\,l fi\\ e\\=ld=1 ${AT}000`,
];

const sorted = (text: string) =>
  text
    .trimEnd()
    .split(/\n(?=pump|my)/)
    .sort();

testWith(binary)(
  "readings leave the log as line protocol, exactly, and come into another folder once",
  async () => {
    const { server, tenants } = await startPlant(["acme", "beta"]);
    const [acme, beta] = tenants;
    if (acme === undefined || beta === undefined) throw new Error("no tenants");
    for (const line of LINES)
      expect((await acme.device.write(line, "db=x&precision=ns")).status).toBe(204);
    expect((await beta.device.write(`pump,asset=B v=7 ${AT}`)).status).toBe(204);
    const { data } = server;
    const log = ["log", "--data", data];

    // While the server runs, and by the compiled program alone.
    const dumped = await foresightOk([...log, "dump", "--tenant", "acme"]);
    expect(sorted(dumped.stdout)).toEqual([...LINES].sort());
    expect(dumped.stderr).toContain(`${LINES.length} readings printed`);
    const [from, to] = [AT + 1, AT + 2].map((us) => new Date(us / 1000).toISOString());
    // A time is read to the millisecond: all of these lie in one.
    const none = await foresightOk([...log, "dump", "--from", "2030-01-01T00:00:00Z"]);
    expect(none.stdout).toBe("");
    expect(from).toBe(to as string);
    const both = await foresightOk([...log, "dump", "--from", from ?? "", "--source", "write-key"]);
    expect(sorted(both.stdout)).toHaveLength(LINES.length + 1);

    const listed = JSON.parse((await foresightOk([...log, "list", "--json"])).stdout);
    expect(listed.segments).toMatchObject([
      { form: "plain", firstSequence: 1, readings: LINES.length + 1 },
    ]);
    expect(listed.consumers.map((one: { name: string }) => one.name)).toEqual([
      "store",
      "relational",
      "snapshot",
    ]);
    expect(await server.stop()).toBe(0);
    const text = await foresightOk([...log, "list"]);
    expect(text.stdout).toMatch(/\.log {2}frames 1 to \d+ {2}11 readings {2}20\d\d-/);
    expect(text.stdout).toMatch(/^store is at frame \d+$/m);

    const copy = join(temporaryFolder("replay"), "data");
    const { FORESIGHT_SERIES_URL: series = "embedded" } = await seriesEnv(copy);
    for (let i = 0; i < 2; i++) {
      const into = ["--tenant", "acme", "--into", copy, "--series", series];
      const ran = await foresightOk([...log, "replay", ...into]);
      expect(ran.stdout).toContain(`${LINES.length} readings written into`);
    }
    const counts = await inspect(copy);
    expect(counts.readings).toBe(LINES.length);
    expect(Object.keys(counts.tenants)).toEqual(["acme"]);
    // What was replayed twice lies twice in its log, and once in its stores.
    const again = await foresightOk(["log", "--data", copy, "dump"]);
    expect(sorted(again.stdout)).toEqual([...LINES, ...LINES].sort());
  },
  180_000,
);

testWith(binary)(
  "a waveform has no words in line protocol: it is counted and said, and the rest goes on",
  async () => {
    const { server, tenants } = await startPlant(["acme"]);
    const device = tenants[0]?.device;
    const snapshot = bodyOf("pump,asset=A v=1,wave=", arrayBytes([0.5, 1]), ` ${AT}t\n`);
    expect((await device?.request("POST", "/write", { body: snapshot }))?.status).toBe(204);
    const { data } = server;
    expect(await server.stop()).toBe(0);
    const dumped = await foresight(["log", "--data", data, "dump"]);
    expect(dumped).toMatchObject({ code: 3, stdout: `pump,asset=A v=1 ${AT}000\n` });
    expect(dumped.stderr).toContain("1 readings cannot be written as line protocol");
    const copy = join(temporaryFolder("replay"), "data");
    const ran = await foresight(["log", "--data", data, "replay", "--into", copy]);
    expect(ran.code).toBe(3);
    expect(ran.stdout + ran.stderr).toContain("1 readings cannot be written as line protocol");
    expect((await inspect(copy)).readings).toBe(1);
  },
  180_000,
);

testWith(binary)(
  "verify finds a damaged byte and says where; a server starts all the same and tells it",
  async () => {
    const { server, tenants } = await startPlant(["acme"]);
    for (let i = 0; i < 20; i++) await tenants[0]?.device.write(`pump,asset=A v=${i} ${AT + i}`);
    const { data } = server;
    expect(await server.stop()).toBe(0);
    const whole = await foresight(["log", "verify", "--data", data]);
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining("all whole") });
    const folder = join(data, "log");
    const path = join(folder, readdirSync(folder)[0] ?? "");
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 4;
    writeFileSync(path, bytes);
    const damaged = await foresight(["log", "verify", "--data", data]);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toMatch(
      /^frames \d+ to \d+: \d+\.log from byte \d+ to byte \d+ is damaged/m,
    );
    expect(damaged.stdout).toMatch(/1 damaged parts$/m);
    const json = JSON.parse((await foresight(["log", "verify", "--data", data, "--json"])).stdout);
    expect(json.problems).toHaveLength(1);
    const state = await foresightOk(["log", "list", "--data", data]);
    expect(state.stderr).toMatch(/is damaged .* the rest is served/);
    expect(readdirSync(join(folder, "damaged"))).toHaveLength(2);
    expect((await inspect(data)).readings).toBe(20); // the stores had them before
  },
  120_000,
);

testWith(binary)(
  "a folder without a log, and acts that there are not, are refused in words",
  async () => {
    const none = await foresight(["log", "list", "--data", "/nowhere"]);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("no log in /nowhere") });
    const act = await foresight(["log", "eat"]);
    expect(act).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("list, verify, dump, replay"),
    });
  },
);
