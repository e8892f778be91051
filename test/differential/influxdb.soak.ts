import { expect } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { findInfluxdb, startInfluxdb } from "../services/influxdb-server.ts";
import { testWith } from "../services/needs.ts";
import { soakSeconds, soakSeed } from "../services/soak.ts";
import { compareWithInfluxdb } from "./influxdb.ts";

const influxdb = findInfluxdb();
const LINES = 2_000;

testWith(influxdb)(
  "random lines are decided and read back as by InfluxDB, round after round",
  async () => {
    if (!influxdb.ok) return;
    const endMs = performance.now() + soakSeconds() * 1000;
    const random = createRandom(soakSeed());
    const server = await startInfluxdb(influxdb.value);
    try {
      for (let round = 0; round === 0 || performance.now() < endMs; round++) {
        const outcome = await compareWithInfluxdb(server, `round${round}`, random, LINES);
        expect(outcome.unexplained).toEqual([]);
        await server.query(`drop database round${round}`);
      }
    } finally {
      await server.stop();
    }
  },
  (soakSeconds() + 300) * 1000,
);
