import { afterAll, beforeAll, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary } from "./harness.ts";
import { addTenant, type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const START_US = 1_790_000_000_000_000;
const MIB = 1024 * 1024;
const LIMIT_BYTES = 4 * MIB;
let plant: Plant;
let acme: Tenant;

beforeAll(async () => {
  if (!binary.ok) return;
  plant = await startPlant(["acme"], {
    env: {
      FORESIGHT_MAX_BODY_BYTES: String(LIMIT_BYTES),
      FORESIGHT_BODY_SECONDS: "2",
      FORESIGHT_MAX_SERIES_PER_TENANT: "40",
      FORESIGHT_PENDING_BYTES: String(MIB),
    },
  });
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

type Raw = {
  send(data: string | Uint8Array): void;
  /** All that came so far. */
  got(): string;
  readonly closed: Promise<void>;
  end(): void;
};

function rawConnection(): Raw {
  const socket = connect(plant.server.port, "127.0.0.1");
  let got = "";
  socket.on("data", (data) => {
    got += data.toString("latin1");
  });
  socket.on("error", () => {}); // a reset is an end, too
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  return {
    send: (data) => void socket.write(data),
    got: () => got,
    closed,
    end: () => socket.destroy(),
  };
}

function head(path: string, ...headers: string[]): string {
  const all = [`POST ${path} HTTP/1.1`, "Host: plant", `Authorization: Token ${acme.writeToken}`];
  return `${[...all, ...headers].join("\r\n")}\r\n\r\n`;
}

const PATH = "/write?db=x&precision=us";
const answered = (raw: Raw, what: string) =>
  waitFor(
    what,
    () => /HTTP\/1\.1 [2-5](?!00 Continue)\d\d.*\r\n\r\n/s.test(raw.got()) && raw.got(),
  );

testWith(binary)(
  "Expect: 100-continue is answered before the body is sent",
  async () => {
    const line = `pump,asset=E1 expect=1 ${START_US}`;
    const raw = rawConnection();
    raw.send(head(PATH, `Content-Length: ${line.length}`, "Expect: 100-continue"));
    await waitFor("100 Continue", () => raw.got().startsWith("HTTP/1.1 100 Continue\r\n\r\n"));
    raw.send(line);
    expect(await answered(raw, "the answer")).toContain("HTTP/1.1 204");
    raw.end();
  },
  60_000,
);

testWith(binary)(
  "a chunked body is taken, also in a coding and cut anywhere",
  async () => {
    const chunk = (bytes: Uint8Array) =>
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
    const bodies: [string, Uint8Array][] = [
      ["identity", Buffer.from(`pump,asset=E2 chunk_identity=1 ${START_US}`)],
      ["gzip", gzipSync(`pump,asset=E2 chunk_gzip=1 ${START_US}`)],
      ["deflate", deflateSync(`pump,asset=E2 chunk_deflate=1 ${START_US}`)],
      ["zstd", Bun.zstdCompressSync(`pump,asset=E2 chunk_zstd=1 ${START_US}`)],
    ];
    for (const [coding, body] of bodies) {
      const raw = rawConnection();
      raw.send(head(PATH, "Transfer-Encoding: chunked", `Content-Encoding: ${coding}`));
      for (let at = 0; at < body.length; at += 7) raw.send(chunk(body.subarray(at, at + 7)));
      raw.send("0\r\n\r\n");
      expect(await answered(raw, coding)).toContain("HTTP/1.1 204");
      raw.end();
      const series = await seriesNoOf(acme, `chunk_${coding}`);
      expect(await readingsOf(acme, series, START_US, START_US + 1)).toEqual([[START_US, 1]]);
    }
  },
  60_000,
);

testWith(binary)(
  "an unknown coding is 415 in the client's form",
  async () => {
    const headers = { "content-encoding": "br" };
    const send = (path: string) => acme.device.request("POST", path, { body: "x", headers });
    const questdb = await send("/write");
    expect([questdb.status, questdb.body.code]).toEqual([415, "not supported"]);
    expect(questdb.body.errorId).toMatch(/^[0-9a-f]{12}-\d+$/);
    const influx = await send(PATH);
    expect([influx.status, influx.body.error]).toEqual([415, expect.stringContaining("gzip")]);
  },
  60_000,
);

testWith(binary)(
  "a body that does not come in its time is 503, and its connection ends",
  async () => {
    const silent = rawConnection();
    silent.send(`${head(PATH, "Content-Length: 100")}pump`);
    const dripping = rawConnection();
    dripping.send(head("/write", "Transfer-Encoding: chunked", "Content-Encoding: gzip"));
    const packed = gzipSync(`pump,asset=E3 drip=1 ${START_US}`);
    let at = 0;
    const drops = setInterval(() => {
      dripping.send(Buffer.concat([Buffer.from("1\r\n"), packed.subarray(at, ++at)]));
      dripping.send("\r\n");
    }, 100);
    await Promise.all([silent.closed, dripping.closed]);
    clearInterval(drops);
    expect(silent.got()).toMatch(/^HTTP\/1\.1 503 /);
    expect(dripping.got()).toMatch(/^HTTP\/1\.1 503 /);
    expect(silent.got()).toMatch(/retry-after: \d/i);
    expect(silent.got()).toContain("did not arrive within 2 s");
    expect((await acme.device.write(`pump,asset=E3 after=1 ${START_US}`)).status).toBe(204);
  },
  60_000,
);

function peakBytes(): number {
  const status = readFileSync(`/proc/${plant.server.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? "0") * 1024;
}

testWith(binary)(
  "gzip bombs are stopped at the limit, without their memory",
  async () => {
    const bombBytes = 512 * MIB;
    const bomb = gzipSync(new Uint8Array(bombBytes));
    expect(bomb.length).toBeLessThan(MIB);
    const before = peakBytes();
    for (const path of ["/write", PATH, "/api/v2/write", "/api/v3/write_lp?db=x"]) {
      const headers = { "content-encoding": "gzip" };
      const answer = await acme.device.request("POST", path, { body: bomb, headers });
      expect([path, answer.status]).toEqual([path, 413]);
      expect(JSON.stringify(answer.body)).toContain(String(LIMIT_BYTES));
    }
    expect(peakBytes() - before).toBeLessThan(bombBytes / 2);
  },
  60_000,
);

testWith(binary)(
  "over the limit known series go on and new ones are refused alone",
  async () => {
    const tenant = await addTenant(plant.server, "full");
    const line = (field: number, at: number) => `pump,asset=F f${field}=${at} ${START_US + at}`;
    const lines = Array.from({ length: 41 }, (_, i) => line(i, 0)).join("\n");
    const write = (path: string, body: string) => tenant.device.request("POST", path, { body });
    const first = await write(PATH, lines);
    expect([first.status, first.body.error]).toEqual([
      400,
      expect.stringMatching(/line 41, column/),
    ]);
    expect(first.body.error).toContain("dropped=1");
    const mixed = `${line(0, 1)}\n${line(40, 1)}\n${line(39, 1)}`;
    expect((await write("/api/v2/write?precision=us", mixed)).body).toMatchObject({
      code: "invalid",
      line: 2,
    });
    const third = await write("/api/v3/write_lp?db=x&precision=us", mixed);
    expect([third.status, third.body.data]).toMatchObject([422, [{ line_number: 2 }]]);
    const questdb = await write("/write?precision=u", `${line(0, 2)}\n${line(40, 2)}`);
    expect([questdb.status, questdb.body.line]).toEqual([400, 2]);
    const known = await seriesNoOf(tenant, "f39");
    expect(await readingsOf(tenant, known, START_US, START_US + 9)).toHaveLength(2);
    // Of the request to QuestDB's path nothing was kept.
    const alone = await write(PATH, line(39, 5));
    expect(alone.status).toBe(204);
    expect(
      (await tenant.admin.get(`/api/v1/series/${tenant.id}?limit=100`)).body.items,
    ).toHaveLength(40);
    // Another tenant still gets new series.
    expect((await acme.device.write(`pump,asset=F room=1 ${START_US}`)).status).toBe(204);
  },
  60_000,
);

testWith(binary)(
  "a source that floods is refused, a small one beside it never",
  async () => {
    const small = await addTenant(plant.server, "small");
    // Without times: they are the server's, so that no line is late.
    const body = "pump,asset=N vibration=2.125,temperature=54.25\n".repeat(3_000);
    let isOver = false;
    const counts = new Map<number, number>();
    const flooding = Array.from({ length: 12 }, async () => {
      while (!isOver) {
        const { status } = await acme.device.write(body);
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
    });
    await waitFor("the flood to be refused", () => (counts.get(503) ?? 0) > 0);
    const statuses = new Set<number>();
    for (let i = 0; i < 25; i++)
      statuses.add((await small.device.write(`pump,asset=S v=${i} ${START_US + i}`)).status);
    isOver = true;
    await Promise.all(flooding);
    expect([...statuses]).toEqual([204]);
    expect([...counts.keys()].sort()).toEqual([204, 503]);
  },
  120_000,
);
