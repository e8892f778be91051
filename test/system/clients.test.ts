import { afterAll, beforeAll, expect } from "bun:test";
import { InfluxDB, Point } from "@influxdata/influxdb-client";
import {
  InfluxDBClient as InfluxDB3,
  Point as Point3,
  setLogger,
} from "@influxdata/influxdb3-client";
import { Sender } from "@questdb/nodejs-client";
import { InfluxDB as InfluxDB1 } from "influx";
import { testWith } from "../services/needs.ts";
import { binary } from "./harness.ts";
import { type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const START_MS = 1_790_000_000_000;
const START_US = START_MS * 1000;
const HOUR_US = 3_600_000_000;
const ROWS = 300;
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

const expected = (value: (i: number) => number): [number, number][] =>
  Array.from({ length: ROWS }, (_, i) => [START_US + i * 1_000_000, value(i)]);

async function stored(query: string) {
  return readingsOf(acme, await seriesNoOf(acme, query), START_US, START_US + HOUR_US);
}

testWith(binary)("@influxdata/influxdb-client writes, gzipped above its threshold", async () => {
  const api = new InfluxDB({ url: plant.server.url, token: acme.writeToken }).getWriteApi(
    "any-org",
    "any-bucket",
    "ms",
    { maxRetries: 0, gzipThreshold: 1000 },
  );
  for (let i = 0; i < ROWS; i++) {
    api.writePoint(
      new Point("pump")
        .tag("asset", "V2 pump, north")
        .floatField("temperature", i / 4)
        .intField("starts", i)
        .timestamp(START_MS + i * 1000),
    );
  }
  await api.close();
  expect(await stored("temperature")).toEqual(expected((i) => i / 4));
  expect(await stored("starts")).toEqual(expected((i) => i));
});

testWith(binary)("@influxdata/influxdb-client is told which line is bad", async () => {
  let message = "";
  const failing = new InfluxDB({ url: plant.server.url, token: acme.writeToken }).getWriteApi(
    "o",
    "b",
    "ms",
    {
      maxRetries: 0,
      writeFailed: (error) => {
        message = error.message;
        return Promise.resolve();
      },
    },
  );
  failing.writeRecords(["pump,asset=P v=1 1790000000000", "pump,asset=P v= 1790000000000"]);
  await failing.close();
  expect(message).toContain("line 2");
});

for (const noSync of [false, true]) {
  testWith(binary)(`@influxdata/influxdb3-client writes with noSync ${noSync}`, async () => {
    const client = new InfluxDB3({
      host: plant.server.url,
      token: acme.writeToken,
      database: "plant",
      writeOptions: { noSync },
    });
    const field = `pressure_${noSync}`;
    const points = Array.from({ length: ROWS }, (_, i) =>
      Point3.measurement("compressor")
        .setTag("asset", "V3 compressor")
        .setFloatField(field, i / 8)
        .setTimestamp(new Date(START_MS + i * 1000)),
    );
    await client.write(points);
    expect(await stored(field)).toEqual(expected((i) => i / 8));
    setLogger({ error() {}, warn() {} }); // it prints what it also throws
    await expect(client.write(["pump,asset=P v=1", "pump,asset=P v="])).rejects.toThrow("line 2");
    await client.close();
  });
}

testWith(binary)("influx (InfluxDB 1) creates its database and writes", async () => {
  const client = new InfluxDB1({
    host: "127.0.0.1",
    port: plant.server.port,
    database: "plant",
    username: "device",
    password: acme.writeToken,
  });
  await client.createDatabase("plant");
  expect(await client.getDatabaseNames()).toEqual(["foresight"]);
  const points = Array.from({ length: ROWS }, (_, i) => ({
    measurement: "fan",
    tags: { asset: "V1-fan" },
    fields: { vibration: i * 0.5 },
    timestamp: new Date(START_MS + i * 1000),
  }));
  await client.writePoints(points, { precision: "ms" });
  expect(await stored("vibration")).toEqual(expected((i) => i * 0.5));
});

const questdbLogins = [
  ["basic", () => `username=device;password=${acme.writeToken}`],
  ["bearer", () => `token=${acme.writeToken}`],
] as const;

for (const [kind, login] of questdbLogins) {
  testWith(binary)(`@questdb/nodejs-client writes with ${kind} authentication`, async () => {
    const sender = await Sender.fromConfig(
      `http::addr=127.0.0.1:${plant.server.port};${login()};stdlib_http=on;auto_flush=off;`,
    );
    for (let i = 0; i < ROWS; i++) {
      sender
        .table("motor")
        .symbol("asset", `Q-${kind}`)
        .floatColumn(`current_${kind}`, i + 0.25)
        .at(BigInt(START_MS + i * 1000), "ms");
    }
    await sender.flush();
    await sender.close();
    expect(await stored(`current_${kind}`)).toEqual(expected((i) => i + 0.25));
  });
}

for (const version of [1, 2, 3, "auto"] as const) {
  testWith(binary)(`@questdb/nodejs-client writes with protocol ${version}`, async () => {
    const sender = await Sender.fromConfig(
      `http::addr=127.0.0.1:${plant.server.port};token=${acme.writeToken};` +
        `protocol_version=${version};stdlib_http=on;auto_flush=off;`,
    );
    const field = `head_${version}`;
    for (let i = 0; i < ROWS; i++) {
      const row = sender.table("motor").symbol("asset", `Q${version}`);
      // 0x0a bytes, as of 10, are data in a binary double.
      row.floatColumn(field, i / 10).booleanColumn(`on_${version}`, i % 2 === 0);
      if (version === 3)
        row.decimalColumnText("decimal", `${i}.125`).decimalColumn("fixed", BigInt(i), 2);
      await row.at(BigInt(START_MS + i * 1000), "ms");
    }
    await sender.flush();
    await sender.close();
    expect(await stored(field)).toEqual(expected((i) => i / 10));
    expect(await stored(`on_${version}`)).toEqual(expected((i) => (i % 2 === 0 ? 1 : 0)));
    if (version !== 3) return;
    expect(await stored("decimal")).toEqual(expected((i) => i + 0.125));
    expect(await stored("fixed")).toEqual(expected((i) => i / 100));
  });
}

for (const version of [2, 3, "auto"] as const) {
  testWith(binary)(
    `an array of @questdb/nodejs-client with protocol ${version} is read back exactly`,
    async () => {
      const sender = await Sender.fromConfig(
        `http::addr=127.0.0.1:${plant.server.port};token=${acme.writeToken};` +
          `protocol_version=${version};stdlib_http=on;auto_flush=off;`,
      );
      const long = Array.from({ length: 200_000 }, (_, i) => Math.sin(i / 9) * 10);
      const arrays = [
        long,
        [
          [1, 10],
          [0.1, -5e-324],
          [3, 4],
        ],
      ];
      const shapes = [[200_000], [3, 2]];
      const send = async () => {
        for (const [i, array] of arrays.entries())
          await sender
            .table("bearing")
            .symbol("asset", `W${version}`)
            .floatColumn("sample_rate_hz", 25_600)
            .arrayColumn(`snapshot_${version}`, array)
            .at(BigInt(START_MS + i * 1000), "ms");
        await sender.flush();
      };
      await send();
      await send(); // the same again changes nothing
      await sender.close();
      const path = `/api/v1/series/${acme.id}/${await seriesNoOf(acme, `snapshot_${version}`)}/waveforms`;
      const list = await acme.admin.get(`${path}?fromUs=${START_US}&toUs=${START_US + HOUR_US}`);
      const info = (i: number) => ({
        atUs: START_US + i * 1e6,
        sampleRateHz: 25_600,
        shape: shapes[i],
      });
      expect(list.body.items).toMatchObject([info(1), info(0)]);
      for (const [i, array] of arrays.entries()) {
        const one = await acme.admin.get(`${path}/${START_US + i * 1e6}`);
        expect(one.body).toMatchObject(info(i));
        expect(one.body.samples).toEqual(array.flat());
      }
      expect((await acme.admin.get(`${path}/${START_US + 1}`)).status).toBe(404);
    },
  );
}

testWith(binary)("a batch sent again changes nothing", async () => {
  const lines = Array.from(
    { length: ROWS },
    (_, i) => `press,asset=Again force=${i} ${START_US + i * 1_000_000}`,
  ).join("\n");
  expect((await acme.device.write(lines)).status).toBe(204);
  expect((await acme.device.write(lines)).status).toBe(204);
  expect((await acme.device.write(lines)).status).toBe(204);
  expect(await stored("force")).toEqual(expected((i) => i));
  const sources = await acme.admin.get(`/api/v1/sources/${acme.id}`);
  const ledgers = (sources.body.items as { ledger: Record<string, number> }[]).map((s) => s.ledger);
  for (const l of ledgers) {
    const sum = ["fresh", "duplicates", "overwrites", "late", "rejected"]
      .map((name) => l[name] ?? 0)
      .reduce((a, b) => a + b, 0);
    expect(sum).toBe(l.received ?? -1);
  }
});
