import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { waitFor } from "../../test/services/wait.ts";
import type { WriteRequest, WriteResult } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { listenUdp } from "./index.ts";

const DONE: WriteResult = { sequence: 1, lines: 1, readings: 1, rejectedLines: 0, errors: [] };

async function start(heldBytes: number, write: (request: WriteRequest) => Promise<WriteResult>) {
  const listener = await listenUdp({
    ...{ name: "udp", address: { host: "127.0.0.1", port: 0 }, precision: "auto", heldBytes },
    source: async () => ({ tenantId: "acme", tenantNo: 1, sourceNo: 2 }),
    ...{ write, clock: manualClock(1e15), logger: silentLogger },
  });
  const socket = createSocket("udp4");
  const send = (text: string) =>
    new Promise<void>((resolve) => socket.send(text, listener.port, "127.0.0.1", () => resolve()));
  const end = async () => {
    socket.close();
    await listener.stop();
  };
  return { listener, send, end };
}

test("datagrams beyond the bound are dropped and counted, and those within it are not", async () => {
  const taken: string[] = [];
  const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
  const { listener, send, end } = await start(1_000, async ({ body }) => {
    taken.push(Buffer.from(body).toString());
    await room;
    return DONE;
  });
  for (let i = 0; i < 5; i++) await send(`m v=${i}\nm w=${i}`);
  await waitFor("all", async () => listener.counters().datagrams === 5 || undefined);
  expect(taken).toEqual(["m v=0\nm w=0", "m v=1\nm w=1", "m v=2\nm w=2"]);
  expect(listener.counters()).toMatchObject({ droppedDatagrams: 2, droppedLines: 4 });
  makeRoom();
  await waitFor("room", async () => listener.counters().heldBytes === 0 || undefined);
  await send("m v=9");
  await waitFor("another", async () => taken.length === 4 || undefined);
  await end();
  expect(listener.counters()).toMatchObject({ readings: 4, heldBytes: 0 });
});

test("what the engine has no room for is dropped and counted", async () => {
  const { listener, send, end } = await start(10_000, async () => {
    throw new AppError("unavailable", "full");
  });
  await send("m v=1\n");
  await waitFor("it", async () => listener.counters().droppedDatagrams === 1 || undefined);
  expect(listener.counters()).toMatchObject({ refusals: 1, droppedLines: 1, heldBytes: 0 });
  await end();
});
