import { expect } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { findInfluxdb, startInfluxdb } from "../services/influxdb-server.ts";
import { testWith } from "../services/needs.ts";
import { compareWithInfluxdb } from "./influxdb.ts";

const influxdb = findInfluxdb();
const LINES = 600;

testWith(influxdb)("random lines are decided and read back as by InfluxDB", async () => {
  if (!influxdb.ok) return;
  const server = await startInfluxdb(influxdb.value);
  try {
    const outcome = await compareWithInfluxdb(server, "random", createRandom(6), LINES);
    expect(outcome.unexplained).toEqual([]);
    expect(outcome.accepted).toBeGreaterThan(LINES / 4);
  } finally {
    await server.stop();
  }
});
