import { afterAll, beforeAll, expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { findPythonClients } from "../services/python-clients.ts";
import { snippetOf } from "./doc-snippets.ts";
import { binary, cleanEnv } from "./harness.ts";
import { type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const AT_US = 1_790_000_000_000_000;
const python = binary.ok ? findPythonClients() : binary;
let plant: Plant;
let acme: Tenant;

beforeAll(async () => {
  if (!python.ok) return;
  plant = await startPlant(["acme"]);
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

/** Runs Python to its end; what it printed. */
async function run(program: string): Promise<{ code: number; said: string }> {
  if (!python.ok) throw new Error(python.why);
  const child = Bun.spawn([python.value, "-W", "ignore", "-c", program], {
    env: cleanEnv(),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, said: out + err };
}

async function stored(query: string) {
  return readingsOf(acme, await seriesNoOf(acme, query), AT_US, AT_US + 60_000_000);
}

testWith(python)(
  "Python influxdb-client: the guide's snippet writes",
  async () => {
    const program = snippetOf("Python: influxdb-client", "python", plant.server, acme.writeToken);
    expect(await run(program)).toEqual({ code: 0, said: "" });
    expect(await stored("py_temperature")).toEqual([[AT_US, 54.25]]);
    expect(await stored("py_starts")).toEqual([[AT_US, 7]]);
  },
  60_000,
);

testWith(python)(
  "Python influxdb-client is told which line is bad, gzipped too",
  async () => {
    const program = `
from influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
with InfluxDBClient(url="http://127.0.0.1:${plant.server.port}",
                    token="${acme.writeToken}", org="o",
                    enable_gzip=True) as client:
    try:
        client.write_api(write_options=SYNCHRONOUS).write("b", "o", [
            "pump,asset=B py_good=1 ${AT_US}", "pump,asset=B py_bad= ${AT_US}"], write_precision="us")
    except Exception as error:
        print(error.status, error.message)
`;
    const { said } = await run(program);
    expect(said).toContain("line 2");
    expect(said).toContain("400");
    expect(await stored("py_good")).toEqual([[AT_US, 1]]);
  },
  60_000,
);

testWith(python)(
  "Python influxdb3-python: the guide's snippet writes",
  async () => {
    const program = snippetOf("Python: influxdb3-python", "python", plant.server, acme.writeToken);
    expect(await run(program)).toEqual({ code: 0, said: "" });
    expect(await stored("py3_temperature")).toEqual([[AT_US, 54.25]]);
  },
  60_000,
);

testWith(python)(
  "Python questdb: the guide's snippet writes, the version agreed on",
  async () => {
    const program = snippetOf("Python: questdb", "python", plant.server, acme.writeToken);
    expect(await run(program)).toEqual({ code: 0, said: "" });
    expect(await stored("py_vibration")).toEqual([[AT_US, 2.125]]);
  },
  60_000,
);

for (const version of [1, 2])
  testWith(python)(
    `Python questdb writes numbers, texts and booleans in protocol ${version}`,
    async () => {
      const rows = 500;
      const program = `
from questdb.ingress import Sender, TimestampMicros
conf = ("http::addr=127.0.0.1:${plant.server.port};username=device;"
        "password=${acme.writeToken};protocol_version=${version};")
with Sender.from_conf(conf) as sender:
    for i in range(${rows}):
        columns = {"py_f${version}": i / 8, "py_i${version}": i}
        columns |= {"py_b${version}": i % 2 == 0, "py_s${version}": "run"}
        sender.row("motor", symbols={"asset": "Q ${version}"}, columns=columns, at=TimestampMicros(${AT_US} + i))
`;
      expect(await run(program)).toEqual({ code: 0, said: "" });
      const expected = (value: (i: number) => number): [number, number][] =>
        Array.from({ length: rows }, (_, i) => [AT_US + i, value(i)]);
      expect(await stored(`py_f${version}`)).toEqual(expected((i) => i / 8));
      expect(await stored(`py_i${version}`)).toEqual(expected((i) => i));
      expect(await stored(`py_b${version}`)).toEqual(expected((i) => (i % 2 === 0 ? 1 : 0)));
    },
    60_000,
  );

testWith(python)(
  "Python questdb shows our reason, line and error id",
  async () => {
    const program = `
from questdb.ingress import Sender, TimestampMicros, IngressError
conf = ("http::addr=127.0.0.1:${plant.server.port};token=${acme.writeToken};"
        "protocol_version=1;auto_flush=off;")
with Sender.from_conf(conf) as sender:
    for value in [1.5, "text"]:
        columns = {"py_kind": value}
        sender.row("motor", symbols={"asset": "QE"}, columns=columns, at=TimestampMicros(${AT_US}))
    try:
        sender.flush()
    except IngressError as error:
        print(error)
`;
    const { said } = await run(program);
    expect(said).toContain("error in line 2");
    expect(said).toMatch(/[0-9a-f]{12}-\d+/);
  },
  60_000,
);
