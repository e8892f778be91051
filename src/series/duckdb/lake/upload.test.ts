import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../../test/services/free-port.ts";
import { need, testWith } from "../../../../test/services/needs.ts";
import { waitFor } from "../../../../test/services/wait.ts";
import { LAKE_DAY_US } from "../../../domain/lake.ts";
import type { Waveform } from "../../../domain/waveform.ts";
import { manualClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { createS3Files } from "../../../lib/s3-files.ts";
import { loadDuckdb } from "../../../native/duckdb.ts";
import { DAY0_US } from "../../contract-case.ts";
import { batchOf, entryOf, waveformReading } from "../../testing.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "../index.ts";

const node = Bun.which("node");
const test = testWith(need(node !== null, "node runs the S3 server of these tests"));
const SERVER = join(import.meta.dir, "../../../../node_modules/s3rver/bin/s3rver.js");

let dir = "";
let bucket = 0;
let port = 0;
let server: Bun.Subprocess | undefined;

async function startServer(): Promise<void> {
  const buckets = Array.from({ length: 7 }, (_, no) => ["--configure-bucket", `lake${no}`]).flat();
  server = Bun.spawn(
    [
      node ?? "node",
      SERVER,
      "-a",
      "127.0.0.1",
      "-p",
      String(port),
      "-d",
      join(dir, "s3"),
      ...buckets,
    ],
    { stdout: "ignore", stderr: "ignore" },
  );
  const answers = () => fetch(`http://127.0.0.1:${port}/`).then(({ status }) => status > 0);
  await waitFor("the S3 server", () => answers().catch(() => false));
}

async function stopServer(): Promise<void> {
  server?.kill();
  await server?.exited;
}

beforeAll(async () => {
  if (node === null) return;
  dir = mkdtempSync(join(tmpdir(), "foresight-s3-"));
  port = await freePort();
  await startServer();
});
beforeEach(() => {
  bucket++;
});
afterAll(async () => {
  await stopServer();
  rmSync(dir, { recursive: true, force: true });
});

async function sealedStore(accessKey = "S3RVER", waveforms: readonly Waveform[] = []) {
  const home = join(dir, `store${bucket}`);
  const clock = manualClock(DAY0_US + LAKE_DAY_US);
  const errors: string[] = [];
  const remote = createS3Files({
    ...{ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", bucket: `lake${bucket}` },
    ...{ accessKey, secretKey: accessKey, prefix: "plant/" },
  });
  const store = await createDuckdbStore({
    ...{ duckdb: await loadDuckdb(join(dir, "runtime")), clock, remote },
    logger: {
      ...silentLogger,
      error: (message, fields) => void errors.push(`${message} ${JSON.stringify(fields)}`),
    },
    options: { ...DUCKDB_DEFAULTS, file: join(home, "s.duckdb"), lakeDir: join(home, "lake") },
  });
  const fresh = [0, 1, 2].map((s) => ({ series: 1, atUs: DAY0_US + s * 1e6, value: s }));
  const snapshots = waveforms.map((one, at) => waveformReading(2, DAY0_US + at * 1e6, one));
  const newSeries = [entryOf(1), entryOf(2, 1, "waveform")];
  const done = store.apply(batchOf({ sequence: 1, newSeries, fresh: [...fresh, ...snapshots] }));
  await store.flush();
  await done;
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  /** Until the look that the clock starts is over: a sealing waits for it. */
  const look = async () => {
    clock.advanceMs(60_000);
    await store.seal({ beforeUs: 0 });
  };
  const read = async () => {
    const request = { seriesNos: [1], fromUs: DAY0_US, toUs: DAY0_US + 1e9, maxPoints: 100 };
    const [points] = await store.range({ ...request, tier: "raw" });
    return points?.atUs.length;
  };
  const files = () =>
    readdirSync(join(home, "lake"), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() && one.name !== "series.parquet")
      .map((one) => join(one.parentPath, one.name));
  return { store, errors, look, read, files, status: async () => (await store.status()).lake };
}

test("sealed days are sent, and read back where the local file was removed", async () => {
  const { store, errors, look, read, files, status } = await sealedStore();
  await look();
  expect(await status()).toMatchObject({ files: 1, uploaded: 1, uploadFailure: "" });
  for (const file of files()) rmSync(file);
  expect(await read()).toBe(3);
  expect(files().length).toBe(1);
  expect(errors).toEqual([]);
  await store.stop();
}, 30_000);

test("waveforms are sent too, and fetched where the local file was removed", async () => {
  const wave = (value: number): Waveform => ({
    ...{ samples: Float64Array.of(value, 0.5), shape: [2], sampleRateHz: 10 },
  });
  const { store, look, files, status } = await sealedStore("S3RVER", [wave(1), wave(2)]);
  await look();
  expect((await status()).uploaded).toBe(2);
  for (const file of files()) rmSync(file);
  const read = (second: number) => store.waveform({ seriesNo: 2, atUs: DAY0_US + second * 1e6 });
  expect([await read(0), await read(1), await read(2)]).toEqual([wave(1), wave(2), undefined]);
  expect(files().filter((file) => file.includes("/waveforms/"))).toHaveLength(1);
  await store.stop();
});

test("a wrong key is named without telling it, and nothing is lost", async () => {
  const { store, errors, look, read, status } = await sealedStore("not-the-secret");
  await look();
  await look();
  expect(errors).toEqual([expect.stringContaining("not sent to S3")]);
  expect(errors.join()).not.toContain("not-the-secret");
  expect(await status()).toMatchObject({ uploaded: 0, uploadFailure: expect.stringMatching(/./) });
  expect(await read()).toBe(3);
  await store.stop();
}, 30_000);

test("while the server is gone nothing is set aside; it goes on once it is back", async () => {
  const { store, look, read, files, status } = await sealedStore();
  await look();
  for (const file of files()) rmSync(file);
  await stopServer();
  const refused = await read().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ code: "unavailable" });
  expect((await status()).unreadable).toEqual([]);
  await startServer();
  expect(await read()).toBe(3);
  await store.stop();
}, 30_000);

test("what broke off in the bucket is not taken for the file", async () => {
  const { store, look, read, files, status } = await sealedStore();
  await look();
  for (const file of files()) rmSync(file);
  const kept = readdirSync(join(dir, "s3", `lake${bucket}`), {
    recursive: true,
    withFileTypes: true,
  })
    .filter(
      (one) => one.isFile() && one.name.endsWith("_object") && !one.parentPath.includes("series"),
    )
    .map((one) => join(one.parentPath, one.name));
  for (const file of kept) truncateSync(file, 50);
  expect(await read()).toBe(0);
  expect((await status()).unreadable).toMatchObject([{ rows: 3 }]);
  await store.stop();
}, 30_000);

test("files that were merged into others leave the bucket too", async () => {
  const { store, look, status } = await sealedStore();
  await look();
  const late = [{ series: 1, atUs: DAY0_US + 5, value: 9 }];
  const done = store.apply(batchOf({ sequence: 2, late }));
  await store.flush();
  await done;
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  expect(await status()).toMatchObject({ files: 1, uploaded: 0 });
  await look();
  expect(await status()).toMatchObject({ files: 1, uploaded: 1 });
  const kept = readdirSync(join(dir, "s3", `lake${bucket}`), { recursive: true }).map(String);
  expect(kept.filter((name) => name.endsWith("_object")).length).toBe(1);
  await store.stop();
}, 30_000);
