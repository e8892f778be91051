import { afterEach, expect, test } from "bun:test";
import { generateKeyPairSync, sign } from "node:crypto";
import net from "node:net";
import { waitFor } from "../../test/services/wait.ts";
import type { WriteRequest } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import type { KnownLineKey } from "../domain/line-key.ts";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { listenTcp } from "./index.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { x = "", y = "" } = publicKey.export({ format: "jwk" });
const KEY: KnownLineKey = { tenantId: "acme", tenantNo: 3, sourceNo: 4, x, y };
const open: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end();
});

function start() {
  const clock = manualClock(1e15);
  const keys = new Map([["fsl_1", KEY]]);
  const store = { isAway: false };
  const written: (Pick<WriteRequest, "tenantNo" | "sourceNo"> & { text: string })[] = [];
  const listener = listenTcp({
    ...{ name: "tcp", address: { host: "127.0.0.1", port: 0 }, tls: undefined, clock },
    admission: {
      kind: "keys",
      find: async (keyId) => {
        if (store.isAway) throw new AppError("unavailable", "the database is away");
        return keys.get(keyId);
      },
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    },
    ...{ dialect: "questdb", precision: "ns", logger: silentLogger },
    limits: { connections: 10, lineBytes: 4_096, heldBytes: 1 << 20, idleMs: 0 },
    write: async ({ tenantNo, sourceNo, body }) => {
      written.push({ tenantNo, sourceNo, text: Buffer.from(body).toString() });
      return { sequence: 1, lines: 1, readings: 1, rejectedLines: 0, errors: [] };
    },
  });
  open.push(() => listener.stop());
  return { clock, keys, store, written, listener };
}

async function client(port: number) {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {}); // `closed` tells
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  let read = "";
  socket.on("data", (chunk) => {
    read += chunk.toString("latin1");
  });
  await new Promise<void>((resolve) => socket.on("connect", () => resolve()));
  open.push(() => void socket.destroy());
  const challenge = () =>
    waitFor("the challenge", () => (read.endsWith("\n") ? read.slice(0, -1) : undefined));
  const signature = async () =>
    sign("sha256", Buffer.from(await challenge()), privateKey).toString("base64");
  return { socket, closed, challenge, signature };
}

test("lines may come together with the signature, and the key id byte by byte", async () => {
  const { listener, written } = start();
  const { socket, signature } = await client(listener.port);
  socket.setNoDelay(true);
  for (const byte of "fsl_1\r\n") socket.write(byte);
  socket.write(`${await signature()}\nm v=1\nm v=`);
  socket.write("2\n");
  await waitFor("both lines", () => written.map(({ text }) => text).join("") === "m v=1\nm v=2\n");
  expect(written[0]).toMatchObject({ tenantNo: 3, sourceNo: 4 });
});

test("each client is sent a challenge of its own", async () => {
  const { listener } = start();
  const clients = await Promise.all([client(listener.port), client(listener.port)]);
  for (const { socket } of clients) socket.write("fsl_1\n");
  const [one, another] = await Promise.all(clients.map(({ challenge }) => challenge()));
  expect(one).toHaveLength(512);
  expect(one).not.toBe(another);
});

test.each([
  ["a signature that has no end", `${"A".repeat(600)}`],
  ["no signature", "\n"],
  ["lines instead of a signature", "m v=1\nm v=2\n"],
] as const)("nobody is let in with %s", async (_name, answer) => {
  const { listener, written } = start();
  const { socket, closed, challenge } = await client(listener.port);
  socket.write("fsl_1\n");
  await challenge();
  socket.write(answer);
  await closed;
  expect(written).toEqual([]);
  expect(listener.counters().ended.authentication).toBe(1);
});

test("who does not say who it is in time is ended", async () => {
  const { listener, clock } = start();
  const { closed } = await client(listener.port);
  await waitFor("it", () => listener.counters().connections === 1);
  clock.advanceMs(9_000);
  expect(listener.counters().ended.authentication).toBe(0);
  clock.advanceMs(10_000);
  await closed;
  expect(listener.counters().ended.authentication).toBe(1);
});

test("a key that is revoked writes for a minute more at most; a database that is away ends nobody", async () => {
  const { listener, clock, keys, store, written } = start();
  const { socket, closed, signature } = await client(listener.port);
  socket.write("fsl_1\n");
  socket.write(`${await signature()}\nm v=1\n`);
  await waitFor("a line", () => written.length === 1);
  store.isAway = true;
  clock.advanceMs(61_000);
  socket.write("m v=2\n");
  await waitFor("another", () => written.length === 2);
  expect(listener.counters().connections).toBe(1);
  store.isAway = false;
  keys.clear();
  clock.advanceMs(61_000);
  socket.write("m v=3\n");
  await closed;
  expect(listener.counters().ended.authentication).toBe(1);
});

test("while the database is away nobody new is let in, and the listener goes on", async () => {
  const { listener, store } = start();
  store.isAway = true;
  const first = await client(listener.port);
  first.socket.write("fsl_1\n");
  await first.closed;
  expect(listener.counters().ended["no-source"]).toBe(1);
  store.isAway = false;
  const second = await client(listener.port);
  second.socket.write("fsl_1\n");
  expect(await second.challenge()).toHaveLength(512);
});
