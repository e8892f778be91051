import { afterAll, beforeAll, expect } from "bun:test";
import net from "node:net";
import { join } from "node:path";
import { testWith } from "../services/needs.ts";
import { snippet } from "../services/snippets.ts";
import { waitFor } from "../services/wait.ts";
import { snippetOf } from "./doc-snippets.ts";
import { binary, cleanEnv } from "./harness.ts";
import { type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const AT_US = 1_790_000_000_000_000;
const HOUR_US = 3_600_000_000;
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

/** Runs a module on Node, as the clients' users do; what it printed. */
async function run(program: string): Promise<{ code: number; said: string }> {
  const child = Bun.spawn(["node", "--input-type=module", "-e", program], {
    cwd: join(import.meta.dir, "..", ".."), // where packages are found
    env: cleanEnv(),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, said: out + err };
}

async function stored(query: string) {
  return readingsOf(acme, await seriesNoOf(acme, query), AT_US, AT_US + HOUR_US);
}

const CLIENTS = [
  ["@influxdata/influxdb-client", "v2_temperature"],
  ["@influxdata/influxdb3-client", "v3_temperature"],
  ["influx", "v1_temperature"],
  ["@questdb/nodejs-client", "q_temperature"],
] as const;

for (const [name, field] of CLIENTS)
  testWith(binary)(`${name}: the guide's snippet writes`, async () => {
    const program = snippetOf(`JavaScript: ${name}`, "js", plant.server, acme.writeToken).replace(
      'host: "127.0.0.1", port: 8080',
      `host: "127.0.0.1", port: ${plant.server.port}`,
    );
    expect(await run(program)).toEqual({ code: 0, said: "" });
    expect(await stored(field)).toEqual([[AT_US, 54.25]]);
  });

testWith(binary)("the guide's waveform is stored with its samples", async () => {
  const code = snippet("line-protocol.md", "sample_rate_hz", {
    "foresight:8080": `127.0.0.1:${plant.server.port}`,
  });
  const given = `const TOKEN = "${acme.writeToken}", samples = [0.5, -1.25, 3];`;
  const beforeUs = Date.now() * 1000;
  const ran = await run(`${given}\n${code}\nawait sender.close();`);
  expect(ran).toEqual({ code: 0, said: "" });
  const path = `/api/v1/series/acme/${await seriesNoOf(acme, "vibration")}/waveforms`;
  const list = await acme.admin.get(`${path}?fromUs=${beforeUs}&toUs=${beforeUs + HOUR_US}`);
  expect(list.body.items).toMatchObject([{ sampleRateHz: 25_600, shape: [3] }]);
});

testWith(binary)(
  "the guide's request by hand is taken as it stands, twice on one connection",
  async () => {
    const [head = "", body = ""] = snippet("line-protocol.md", "Content-Length", {
      THE_TOKEN: acme.writeToken,
    }).split("\n\n");
    const request = `${head.replaceAll("\n", "\r\n")}\r\n\r\n${body}`;
    const socket = net.connect(plant.server.port, "127.0.0.1");
    let answered = "";
    socket.on("data", (chunk) => {
      answered += chunk.toString("latin1");
    });
    const answers = (count: number) =>
      waitFor(`${count} answers`, () => answered.split("HTTP/1.1 204").length > count || undefined);
    try {
      socket.write(request);
      await answers(1);
      socket.write(request);
      await answers(2);
    } finally {
      socket.destroy();
    }
    expect(await stored("by_hand")).toEqual([
      [AT_US, 2.1],
      [AT_US + 1_000_000, 2.25],
    ]);
    expect(await stored("starts")).toEqual([[AT_US + 1_000_000, 7]]);
  },
);
