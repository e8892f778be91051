import { historyLines, livePlant } from "../demo/lines.ts";
import { createPlant } from "../demo/plant.ts";
import { AppError } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Command } from "./command.ts";

/** What the demo plant's devices are told, as one line of JSON on standard input. */
export type DemoDevicesOrder = {
  readonly url: string;
  readonly token: string;
  readonly seed: number;
  /** End of the history that belongs to this plant. */
  readonly endUs: number;
  /** Where sending goes on: the history's start, or the last reading that the server has. */
  readonly fromUs: number;
};

/** What they answer, a line of JSON each. */
export type DemoDevicesReport =
  | { readonly phase: "history"; readonly share: number }
  | { readonly phase: "live" };

export type DemoDevicesDeps = { readonly clock: Clock; readonly stdin: ReadableStream<Uint8Array> };

const MINUTE_US = 60_000_000;
const SECOND_US = 1_000_000;

/**
 * The demo plant's devices: a program of their own that sends line protocol over HTTP, like any other.
 * First the history, then what passed while nothing ran, then a reading a second from each sensor.
 */
export function demoDevicesCommand(deps: DemoDevicesDeps): Command {
  return {
    name: "demo-devices",
    sentence: "Sends the demo plant's readings; started by foresight demo.",
    options: {},
    internal: true,
    run: async (_args, terminal) => {
      const parent = watchStdin(deps.stdin);
      const order = JSON.parse(await parent.firstLine) as DemoDevicesOrder; // written by app.ts
      const tell = (report: DemoDevicesReport) => terminal.out(JSON.stringify(report));
      const send = (bytes: Uint8Array<ArrayBuffer>) => post(deps.clock, order, bytes);
      await Promise.race([parent.closed, sendAll(deps.clock, order, send, tell)]);
      return 0;
    },
  };
}

/** The first line of standard input, and its end: the server has gone. */
function watchStdin(stdin: ReadableStream<Uint8Array>) {
  let seen = "";
  let gotLine: (line: string) => void = () => {};
  const firstLine = new Promise<string>((resolve) => {
    gotLine = resolve;
  });
  const closed = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stdin) {
      seen += decoder.decode(chunk, { stream: true });
      const end = seen.indexOf("\n");
      if (end >= 0) gotLine(seen.slice(0, end));
    }
  })();
  return { firstLine, closed };
}

async function sendAll(
  clock: Clock,
  order: DemoDevicesOrder,
  send: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
  tell: (report: DemoDevicesReport) => void,
): Promise<void> {
  const plant = createPlant(order.seed, order.endUs);
  if (order.fromUs < plant.endUs) {
    const spanUs = plant.endUs - plant.startUs;
    let sentUs = Math.max(order.fromUs, plant.startUs) - plant.startUs;
    const days = 86_400 * SECOND_US;
    for (; sentUs < spanUs; sentUs += 5 * days) {
      const fromUs = plant.startUs + sentUs;
      const toUs = Math.min(plant.endUs, fromUs + 5 * days);
      for (const chunk of historyLines(plant, fromUs, toUs)) await send(chunk);
      tell({ phase: "history", share: Math.min(1, (toUs - plant.startUs) / spanUs) });
    }
  }
  // What passed meanwhile comes at one reading a minute, as from a gateway that was offline.
  const gapFromUs = Math.max(order.fromUs, plant.endUs);
  const nowUs = Math.floor(clock.nowUs() / SECOND_US) * SECOND_US;
  for (const chunk of historyLines(plant, gapFromUs, nowUs, MINUTE_US)) await send(chunk);
  tell({ phase: "live" });
  const live = livePlant(plant);
  for (let atUs = nowUs; ; atUs += SECOND_US) {
    const waitMs = (atUs - clock.nowUs()) / 1000;
    if (waitMs > 0) await new Promise<void>((done) => void clock.after(waitMs, done));
    await send(live.linesAt(atUs));
  }
}

const RETRY_MS = 1_000;

/** Sends until it is taken: devices keep what they measured while the server is away. */
async function post(
  clock: Clock,
  order: DemoDevicesOrder,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  for (;;) {
    const status = await tryPost(order, bytes);
    if (status === 204) return;
    if (status !== undefined && status < 500)
      throw new AppError("invalid", `the server refused the demo plant's readings: ${status}`);
    await new Promise<void>((done) => void clock.after(RETRY_MS, done));
  }
}

/** The answer's status; undefined when nobody answers. */
async function tryPost(
  order: DemoDevicesOrder,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<number | undefined> {
  try {
    const response = await fetch(`${order.url}/api/v2/write?bucket=demo&precision=ns`, {
      method: "POST",
      headers: { authorization: `Token ${order.token}`, "content-type": "text/plain" },
      body: bytes,
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined; // the server is away; it is tried again
  }
}
