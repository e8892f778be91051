import { afterEach, expect, test } from "bun:test";
import net from "node:net";
import tls from "node:tls";
import { temporaryFolder } from "../../test/services/temporary-folder.ts";
import { waitFor } from "../../test/services/wait.ts";
import { selfSigned } from "../../test/system/self-signed.ts";
import type { WriteRequest, WriteResult } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { type Listener, listenTcp } from "./index.ts";

const MIB = 1024 * 1024;
const LIMITS = { connections: 100, lineBytes: MIB, heldBytes: 8 * MIB, idleMs: 60_000 };
/** Largest piece that the runtime reads at once. */
const READ_BYTES = 512 * 1024;
const SOURCE = { tenantId: "acme", tenantNo: 1, sourceNo: 2 };
const open: { end(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.end();
});

/** A listener whose lines end in a list, by sender's first byte, and that can be full. */
function start(limits: Partial<typeof LIMITS> = {}, tls?: { cert: string; key: string }) {
  const clock = manualClock(1e15);
  const engine = { isFull: false, bytes: [] as Buffer[], requests: 0 };
  const write = async (request: WriteRequest): Promise<WriteResult> => {
    engine.requests++;
    if (engine.isFull) throw new AppError("unavailable", "full");
    engine.bytes.push(Buffer.from(request.body));
    return { sequence: 1, lines: 1, readings: 1, rejectedLines: 0, errors: [] };
  };
  const listener = listenTcp({
    ...{ name: "tcp", address: { host: "127.0.0.1", port: 0 }, tls, clock, write },
    admission: { kind: "everybody", source: async () => SOURCE },
    ...{ dialect: "questdb", precision: "ns", logger: silentLogger },
    limits: { ...LIMITS, ...limits },
  });
  open.push({ end: () => stopped(listener, clock) });
  const text = () => Buffer.concat(engine.bytes).toString();
  return { clock, engine, listener, text };
}

/** Ends it although its engine may be full for ever. */
async function stopped(listener: Listener, clock: ReturnType<typeof manualClock>) {
  const stopping = listener.stop();
  clock.advanceMs(10_000);
  await stopping;
}

async function client({ listener }: { listener: Listener }, allowHalfOpen = false) {
  const socket = net.connect({ port: listener.port, host: "127.0.0.1", allowHalfOpen });
  socket.on("error", () => {}); // `closed` tells
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await new Promise<void>((resolve) => socket.on("connect", () => resolve()));
  open.push({ end: () => void socket.destroy() });
  return { socket, closed };
}

const linesOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} v=${i} ${i}\n`).join("");

test("lines come whole, in order, however they arrive", async () => {
  const one = start();
  const { socket } = await client(one);
  const lines = linesOf("m", 1_000);
  for (let from = 0; from < lines.length; from += 777) {
    socket.write(lines.slice(from, from + 777));
  }
  await waitFor("all lines", async () => one.text().length === lines.length || undefined);
  expect(one.text()).toBe(lines);
  expect(one.listener.counters()).toMatchObject({ connections: 1, heldBytes: 0, refusals: 0 });
});

test("over TLS, too, a sender is held up and nothing is lost", async () => {
  const files = await selfSigned(temporaryFolder("tls"));
  const [cert, key] = [await Bun.file(files.cert).text(), await Bun.file(files.key).text()];
  const one = start({}, { cert, key });
  one.engine.isFull = true;
  const socket = tls.connect({ port: one.listener.port, host: "localhost", ca: cert });
  open.push({ end: () => void socket.destroy() });
  await new Promise<void>((resolve, reject) => {
    socket.on("secureConnect", resolve);
    socket.on("error", reject);
  });
  const lines = linesOf("m", 500_000);
  socket.end(lines);
  await waitFor("it to be held up", async () => one.listener.counters().pauses > 0 || undefined);
  expect(one.listener.counters().heldBytes).toBeLessThan(256 * 1024 + READ_BYTES);
  one.engine.isFull = false;
  await waitFor("all lines", async () => {
    one.clock.advanceMs(1_000);
    return one.text().length === lines.length || undefined;
  });
  expect(one.text()).toBe(lines);
});

test("while the engine is full nothing is read beyond the bound, and nothing is lost", async () => {
  const one = start();
  one.engine.isFull = true;
  const { socket } = await client(one);
  const lines = linesOf("m", 500_000);
  socket.write(lines);
  await waitFor("it to be held up", async () => one.listener.counters().pauses > 0 || undefined);
  one.clock.advanceMs(5_000);
  const { heldBytes, refusals } = one.listener.counters();
  expect(heldBytes).toBeGreaterThan(256 * 1024);
  expect(heldBytes).toBeLessThan(256 * 1024 + READ_BYTES);
  expect(refusals).toBeGreaterThan(0);
  one.engine.isFull = false;
  await waitFor("all lines", async () => {
    one.clock.advanceMs(1_000);
    return one.text().length === lines.length || undefined;
  });
  expect(one.text()).toBe(lines);
  expect(one.listener.counters()).toMatchObject({ droppedLines: 0, partialLines: 0 });
});

test("a client that is gone leaves its whole lines to be brought to the log", async () => {
  const one = start();
  one.engine.isFull = true;
  const { socket, closed } = await client(one);
  socket.end("m v=1 1\nm v=2 2\nm v=3");
  await closed;
  await waitFor("the end", async () => one.listener.counters().partialLines === 1 || undefined);
  one.engine.isFull = false;
  await waitFor("its lines", async () => {
    one.clock.advanceMs(1_000);
    return one.text() !== "" || undefined;
  });
  expect(one.text()).toBe("m v=1 1\nm v=2 2\n");
  await waitFor("the rest", async () => one.listener.counters().connections === 0 || undefined);
});

test("all connections together hold no more than the bound", async () => {
  const one = start({ heldBytes: MIB });
  one.engine.isFull = true;
  const clients = await Promise.all(Array.from({ length: 10 }, () => client(one)));
  const lines = linesOf("m", 100_000);
  for (const { socket } of clients) socket.write(lines);
  await waitFor("the bound", async () => one.listener.counters().heldBytes > MIB || undefined);
  expect(one.listener.counters().heldBytes).toBeLessThan(MIB + READ_BYTES);
  one.engine.isFull = false;
  await waitFor("all lines", async () => {
    one.clock.advanceMs(1_000);
    return one.text().length === lines.length * clients.length || undefined;
  });
  expect(one.listener.counters()).toMatchObject({ heldBytes: 0, droppedLines: 0 });
});

test("parts of lines that fill the bound: the longest makes room, the others go on", async () => {
  const one = start({ heldBytes: MIB });
  const [long, short, last] = [await client(one), await client(one), await client(one)];
  long.socket.write("l".repeat(600_000));
  short.socket.write("s".repeat(300_000));
  await waitFor("both", async () => one.listener.counters().heldBytes === 900_000 || undefined);
  last.socket.write("m".repeat(400_000));
  await long.closed;
  expect(one.listener.counters().ended.memory).toBe(1);
  last.socket.write(" v=1\n");
  short.socket.write(" v=1\n");
  await waitFor("both lines", async () => one.text().length === 700_010 || undefined);
});

test("a client too many is ended, the others stay", async () => {
  const one = start({ connections: 2 });
  const [first] = [await client(one), await client(one)];
  const third = await client(one);
  await third.closed;
  expect(one.listener.counters()).toMatchObject({ connections: 2, opened: 2 });
  expect(one.listener.counters().ended["too-many-connections"]).toBe(1);
  first.socket.end();
  await waitFor("room", async () => one.listener.counters().connections === 1 || undefined);
  await client(one);
  await waitFor("another", async () => one.listener.counters().connections === 2 || undefined);
});

test("who sends nothing for long is ended, who sends is not", async () => {
  const one = start();
  const [idle, busy] = [await client(one), await client(one)];
  await waitFor("both", async () => one.listener.counters().connections === 2 || undefined);
  one.clock.advanceMs(50_000);
  busy.socket.write("m v=1\n");
  await waitFor("a line", async () => one.text() !== "" || undefined);
  one.clock.advanceMs(20_000);
  await idle.closed;
  expect(one.listener.counters()).toMatchObject({ connections: 1 });
  expect(one.listener.counters().ended.idle).toBe(1);
});

test("a client that does not close its side is let go all the same", async () => {
  const one = start({ lineBytes: 1_024 });
  const { socket } = await client(one, true);
  socket.write("m".repeat(2_000));
  await waitFor("its end", async () => one.listener.counters().connections === 0 || undefined);
  expect(one.listener.counters()).toMatchObject({ opened: 1, heldBytes: 0 });
  expect(one.listener.counters().ended["line-too-long"]).toBe(1);
  expect(one.text()).toBe("m".repeat(1_024)); // its beginning, for quarantine
});

test("a stop brings what came whole to the log, and drops after a while what finds no room", async () => {
  const one = start();
  one.engine.isFull = true;
  const { socket, closed } = await client(one);
  socket.write("m v=1\nm v=2\nm v=3");
  await waitFor("them", async () => one.engine.requests > 0 || undefined);
  const stopping = one.listener.stop();
  await closed;
  one.clock.advanceMs(10_000);
  await stopping;
  expect(one.listener.counters()).toMatchObject({ droppedLines: 2, connections: 0, heldBytes: 0 });
});
