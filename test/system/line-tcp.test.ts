import { afterAll, beforeAll, expect } from "bun:test";
import { createPrivateKey, sign } from "node:crypto";
import net from "node:net";
import { join } from "node:path";
import type { PrivateLineKey } from "../../src/domain/line-key.ts";
import type { ListenerState } from "../../src/domain/operation.ts";
import { arrayBytes, bodyOf } from "../../src/ingest/scan/testdata/binary-line.ts";
import { freePort } from "../services/free-port.ts";
import { testWith } from "../services/needs.ts";
import { snippet } from "../services/snippets.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { binary, foresightOk } from "./harness.ts";
import { type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";
import { selfSigned } from "./self-signed.ts";

const START_MS = 1_790_000_000_000;
const START_US = START_MS * 1000;
const HOUR_US = 3_600_000_000;
const LIMIT_MS = 60_000;
const ROWS = 300;
let plant: Plant;
let acme: Tenant;
let ports: { tcp: number; tls: number };
let certificate: { cert: string; key: string };

beforeAll(async () => {
  if (!binary.ok) return;
  ports = { tcp: await freePort(), tls: await freePort() };
  certificate = await selfSigned(temporaryFolder("tls"));
  plant = await startPlant(["acme"], {
    env: {
      FORESIGHT_TCP_LISTEN: `127.0.0.1:${ports.tcp}`,
      FORESIGHT_TCP_TLS_LISTEN: `127.0.0.1:${ports.tls}`,
      FORESIGHT_TCP_TLS_CERT: certificate.cert,
      FORESIGHT_TCP_TLS_KEY: certificate.key,
      FORESIGHT_TCP_LINE_BYTES: "4096",
    },
  });
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

async function lineKey(name: string): Promise<PrivateLineKey> {
  const args = ["line-key", "create", "--data", plant.server.data, "--tenant", "acme"];
  const ran = await foresightOk([...args, "--name", name]);
  return JSON.parse(ran.stdout) as PrivateLineKey; // the command's documented form
}

async function listener(name: string): Promise<ListenerState> {
  const ran = await foresightOk(["listeners", "--data", plant.server.data, "--json"]);
  const found = (JSON.parse(ran.stdout) as ListenerState[]).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no listener ${name}: ${ran.stdout}`);
  return found;
}

/** A client that signs by itself, so that both encodings of a signature are tried. */
async function connect(key: PrivateLineKey, dsaEncoding: "der" | "ieee-p1363" = "der") {
  const socket = net.connect(ports.tcp, "127.0.0.1");
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {}); // a reset is an end, too; `closed` tells
  let read = "";
  socket.on("data", (chunk) => {
    read += chunk.toString("latin1");
  });
  socket.write(`${key.kid}\n`);
  const challenge = await waitFor("the challenge", async () =>
    read.endsWith("\n") ? read.slice(0, -1) : undefined,
  );
  expect(challenge).toHaveLength(512);
  const { d, x, y, kty, crv } = key;
  const privateKey = createPrivateKey({ key: { d, x, y, kty, crv }, format: "jwk" });
  const signature = sign("sha256", Buffer.from(challenge), { key: privateKey, dsaEncoding });
  socket.write(`${signature.toString("base64")}\n`);
  return { socket, closed };
}

function runClient(config: string, field: string): Promise<void> {
  const script = join(import.meta.dir, "questdb-client.mjs");
  return runNode([script, config, field, String(ROWS), String(START_MS)]);
}

async function runNode(args: readonly string[]): Promise<void> {
  const child = Bun.spawn(["node", ...args], {
    cwd: join(import.meta.dir, "..", ".."), // where packages are found
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error((await said).join("\n"));
}

/** Readings of the series that the text finds, once there are so many. */
function stored(query: string, count: number): Promise<[number, number][]> {
  return waitFor(`${count} readings of ${query}`, async () => {
    const found = await readingsOf(
      acme,
      await seriesNoOf(acme, query),
      START_US,
      START_US + HOUR_US,
    );
    return found.length >= count ? found : undefined;
  });
}

const quarantine = async (reason: string) => {
  const answer = await acme.admin.get(`/api/v1/quarantine/acme?limit=1000`);
  const items = answer.body.items as { reason: string; line: string; sourceName: string }[];
  return items.filter((one) => one.reason.includes(reason));
};

const SENDERS = [
  ["tcp", 1],
  ["tcp", 2],
  ["tcp", 3],
  ["tcps", 3],
] as const;
for (const [protocol, version] of SENDERS)
  testWith(binary)(
    `@questdb/nodejs-client writes over ${protocol}, version ${version}`,
    async () => {
      const { kid, d } = await lineKey(`gateway ${protocol} ${version}`);
      const [port, trust] =
        protocol === "tcp" ? [ports.tcp, ""] : [ports.tls, `tls_ca=${certificate.cert};`];
      const field = `torque_${protocol}_${version}`;
      await runClient(
        `${protocol}::addr=localhost:${port};username=${kid};token=${d};${trust}` +
          `protocol_version=${version};auto_flush=off;`,
        field,
      );
      const found = await stored(field, ROWS);
      expect(found).toEqual(
        Array.from({ length: ROWS }, (_, i) => [START_US + i * 1_000_000, i + 0.5]),
      );
      const { body } = await acme.admin.get(`/api/v1/sources/acme`);
      expect(body.items.map((one: { name: string }) => one.name)).toContain(
        `gateway ${protocol} ${version}`,
      );
    },
    LIMIT_MS,
  );

testWith(binary)(
  "the documented example of QuestDB's client works as it stands",
  async () => {
    const { kid, d } = await lineKey("documented");
    const code = snippet("line-protocol.md", "tcps::addr=", {
      "plant.example:9009": `localhost:${ports.tls}`,
      "username=KID;token=D;": `username=${kid};token=${d};tls_ca=${certificate.cert};`,
      vibration: "documented_vibration",
    });
    const beforeUs = Date.now() * 1000;
    await runNode(["--input-type=module", "-e", code]);
    const series = await seriesNoOf(acme, "documented_vibration");
    const found = await waitFor("its reading", async () => {
      const now = await readingsOf(acme, series, beforeUs, beforeUs + HOUR_US);
      return now.length > 0 && now;
    });
    expect(found.map(([, value]) => value)).toEqual([2.1]);
  },
  LIMIT_MS,
);

testWith(binary)(
  "an array whose bytes hold newlines, in pieces, is one waveform, and the lines beside it stay",
  async () => {
    const { socket, closed } = await connect(await lineKey("waves"));
    // Every byte of this one is a newline.
    const newlines = new Float64Array(Uint8Array.from({ length: 8 }, () => 10).buffer);
    const samples = [...newlines, ...Array.from({ length: 300 }, (_, i) => Math.sin(i))];
    const body = bodyOf(
      `m,asset=W before=1 ${START_US}t\nm,asset=W sample_rate_hz=25600,snapshot=`,
      arrayBytes(samples),
      ` ${START_US}t\nm,asset=W after=2 ${START_US}t\n`,
    );
    for (let at = 0; at < body.length; at += 701)
      await new Promise((sent) => socket.write(body.subarray(at, at + 701), sent));
    expect(await stored("before", 1)).toEqual([[START_US, 1]]);
    expect(await stored("after", 1)).toEqual([[START_US, 2]]);
    const path = `/api/v1/series/acme/${await seriesNoOf(acme, "snapshot")}/waveforms`;
    const { body: found } = await acme.admin.get(`${path}/${START_US}`);
    expect(found).toMatchObject({ sampleRateHz: 25_600, shape: [301], samples });
    socket.end();
    await closed;
  },
  LIMIT_MS,
);

for (const encoding of ["der", "ieee-p1363"] as const)
  testWith(binary)(
    `a bad line between good ones is skipped and kept (${encoding})`,
    async () => {
      const { socket, closed } = await connect(await lineKey(`poison ${encoding}`), encoding);
      const name = `p_${encoding.replace("-", "")}`;
      const rejected = (await listener("tcp")).rejectedLines;
      socket.write(`m,asset=P ${name}=1 ${START_US}000\nm,asset=P ${name}=one two three\n`);
      socket.write(`m,asset=P ${name}=2 ${START_US + 1}000\nm,asset=P ${name}=3 ${START_US + 2}`);
      socket.write("000\nm,asset=P cut=1 17");
      expect(await stored(name, 3)).toEqual([
        [START_US, 1],
        [START_US + 1, 2],
        [START_US + 2, 3],
      ]);
      const partial = (await listener("tcp")).partialLines;
      socket.end();
      await closed;
      const after = await waitFor("the part of a line to be counted", async () => {
        const now = await listener("tcp");
        return now.partialLines === partial + 1 ? now : undefined;
      });
      expect(after.rejectedLines).toBe(rejected + 1);
      const [bad] = await waitFor("the bad line", async () => {
        const found = await quarantine("invalid value");
        const own = found.filter((one) => one.line.includes(name));
        return own.length > 0 ? own : undefined;
      });
      expect(bad).toMatchObject({ sourceName: `poison ${encoding}` });
    },
    LIMIT_MS,
  );

testWith(binary)(
  "a broken binary field ends the connection; what came before is stored",
  async () => {
    const { socket, closed } = await connect(await lineKey("broken"));
    socket.write(`m,asset=P before_broken=1 ${START_US}000\nm,asset=P broken==`);
    socket.write(Buffer.from([0x77, 1, 2, 3]));
    await closed;
    expect(await stored("before_broken", 1)).toEqual([[START_US, 1]]);
    expect((await listener("tcp")).ended["broken-binary-field"]).toBe(1);
    await waitFor(
      "its reason",
      async () => (await quarantine("of type 0x77")).length === 1 || undefined,
    );
  },
  LIMIT_MS,
);

testWith(binary)(
  "a line that is too long is kept by its beginning, and ends the connection",
  async () => {
    const { socket, closed } = await connect(await lineKey("long"));
    const rejected = (await listener("tcp")).rejectedLines;
    const line = `m,asset=Long ${"f".repeat(5000)}`;
    socket.write(`m,asset=P before_long=1 ${START_US}000\n${line}`);
    await closed;
    expect(await stored("before_long", 1)).toEqual([[START_US, 1]]);
    expect((await listener("tcp")).ended["line-too-long"]).toBe(1);
    expect(plant.server.output()).toContain("longer than FORESIGHT_TCP_LINE_BYTES");
    const [kept] = await waitFor("its beginning", async () => {
      const found = await quarantine("longer than 4096 bytes");
      return found.length > 0 ? found : undefined;
    });
    expect(kept).toMatchObject({ sourceName: "long", line: line.slice(0, 1024) });
    expect((await listener("tcp")).rejectedLines).toBe(rejected + 1);
  },
  LIMIT_MS,
);

testWith(binary)(
  "nobody is let in with another key, an invented one, or a revoked one",
  async () => {
    const refusedBefore = (await listener("tcp")).ended.authentication ?? 0;
    const known = await lineKey("known");
    const other = await lineKey("other");
    const revoked = await lineKey("revoked");
    const { body } = await acme.admin.get(`/api/v1/line-keys/acme`);
    const { id } = body.items.find((one: { keyId: string }) => one.keyId === revoked.kid);
    expect(JSON.stringify(body)).not.toContain(revoked.d);
    const answer = await acme.admin.post(`/api/v1/line-keys/acme/${id}/revocation`, {});
    expect(answer.status).toBe(200);
    const attempts = [{ ...other, kid: known.kid }, { ...known, kid: "fsl_invented" }, revoked];
    for (const key of attempts) {
      const { socket, closed } = await connect(key);
      socket.write(`m,asset=P intruder=1 ${START_US}000\n`);
      await closed;
    }
    const after = await listener("tcp");
    expect(after.ended.authentication).toBe(refusedBefore + attempts.length);
    const series = await acme.admin.get(`/api/v1/series/acme?query=intruder`);
    expect(series.body.items).toEqual([]);
  },
  LIMIT_MS,
);
