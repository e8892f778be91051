import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectorState } from "../domain/connector.ts";
import { AppError } from "../domain/error.ts";
import { systemClock } from "../lib/clock.ts";
import { createLogger } from "../lib/logger.ts";
import { encodeFrame, readFrames } from "./frames.ts";
import { type ConnectorBatch, type ConnectorOptions, startConnector } from "./index.ts";

const entry = join(import.meta.dir, "../../test/plugin-run.ts");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "connector-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A connector over a store in memory, which keeps what a real one would. */
function harness(plugin: string, config: object, over: Partial<ConnectorOptions<number>> = {}) {
  const values: number[] = [];
  const states: ConnectorState["kind"][] = [];
  const logged: string[] = [];
  let checkpoint: string | undefined;
  const connector = startConnector<number>({
    command: [process.execPath, entry],
    name: "test",
    plugin,
    config,
    load: async () => checkpoint,
    deliver: async (batch: ConnectorBatch) => {
      const text = new TextDecoder().decode(batch.lines);
      const value = Number(/f=(\d+)/.exec(text)?.[1]);
      values.push(value);
      return value;
    },
    commit: async (saved) => {
      checkpoint = saved;
    },
    onState: (state) => states.push(state.kind),
    clock: systemClock,
    log: createLogger({ clock: systemClock, level: "debug", write: (line) => logged.push(line) }),
    limits: { pauseFirstMs: 1, pauseMaxMs: 2, failuresMax: 3, stopGraceMs: 3_000 },
    ...over,
  });
  return { connector, values, states, logged, checkpoint: () => checkpoint };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test("a source that ends is read once and whole", async () => {
  const h = harness("dies", { batches: 30, at: 99 });
  expect(await h.connector.done).toEqual({ kind: "done" });
  expect(h.values).toEqual(upTo(30));
  expect(h.checkpoint()).toBe("30");
  expect(h.states).toEqual(["starting", "running", "done"]);
});

test.each([
  ["dies", "SIGKILL"],
  ["exits", "code 3"],
  ["throws", "the source hung up"],
  ["prints", "a plugin must not print"],
  ["lies", "bytes; send less at once"],
])("a child that %s is started again and goes on where it was", async (plugin, reason) => {
  const once = join(folder, `${plugin}-once`);
  const h = harness(plugin, { batches: 10, at: 5, once });
  expect(await h.connector.done).toEqual({ kind: "done" });
  expect([...new Set(h.values)]).toEqual(upTo(10));
  expect(h.checkpoint()).toBe("10");
  expect(h.states.filter((state) => state === "waiting")).toHaveLength(1);
  expect(h.logged.join("")).toContain(reason);
});

test.each([
  ["dies", "SIGKILL"],
  ["prints", "hello"],
])("a child that always %s is given up, and the host lives", async (plugin, reason) => {
  const h = harness(plugin, { batches: 10, at: 0 });
  const end = await h.connector.done;
  expect(end).toMatchObject({ kind: "failed", isRefused: false });
  expect(end.kind === "failed" && end.reason).toContain(reason);
  expect(h.states.filter((state) => state === "starting")).toHaveLength(3);
});

test("a program that is no plugin is given up", async () => {
  const h = harness("dies", {}, { command: ["/bin/echo", "what?"] });
  expect(await h.connector.done).toMatchObject({ kind: "failed", isRefused: false });
});

test("a program that is not there is given up", async () => {
  const h = harness("dies", {}, { command: [join(folder, "nothing")] });
  expect(await h.connector.done).toMatchObject({ kind: "failed", isRefused: false });
});

test.each([
  ["no such plugin", "nothing", {}, "there is no plugin"],
  ["a bad setting", "dies", { batches: "many" }, "batches"],
])("%s is refused and not tried again", async (_name, plugin, config, reason) => {
  const h = harness(plugin, config);
  const end = await h.connector.done;
  expect(end).toMatchObject({ kind: "failed", isRefused: true });
  expect(end.kind === "failed" && end.reason).toContain(reason);
  expect(h.states.filter((state) => state === "starting")).toHaveLength(1);
});

test("no more batches are out than there is credit, until one is committed", async () => {
  let delivered = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let full = () => {};
  const isFull = new Promise<void>((resolve) => {
    full = resolve;
  });
  const h = harness(
    "dies",
    { batches: 50, at: 99 },
    {
      limits: { credits: 3 },
      deliver: async () => {
        delivered++;
        if (delivered === 3) full();
        await held;
        return delivered;
      },
    },
  );
  await isFull;
  // The child has had every chance to send more once it has answered a stop and closed.
  const stopped = h.connector.stop();
  expect(delivered).toBe(3);
  release();
  await stopped;
  expect(delivered).toBe(3);
  expect(h.checkpoint()).toBe("3");
});

test("a batch that cannot be stored keeps later checkpoints from being saved", async () => {
  let failures = 2;
  const saved: string[] = [];
  const h = harness(
    "dies",
    { batches: 10, at: 99 },
    {
      deliver: async (batch) => {
        const value = Number(/f=(\d+)/.exec(new TextDecoder().decode(batch.lines))?.[1]);
        if (value === 4 && failures-- > 0) throw new AppError("unavailable", "the store is away");
        return value;
      },
      load: async () => saved.at(-1),
      commit: async (checkpoint, value) => {
        expect(checkpoint).toBe(String(value + 1));
        saved.push(checkpoint);
      },
    },
  );
  expect(await h.connector.done).toEqual({ kind: "done" });
  expect(saved).toEqual(upTo(10).map((n) => String(n + 1)));
  expect(h.logged.join("")).toContain("the store is away");
});

test("a batch that the sink refuses ends it for good", async () => {
  const h = harness(
    "dies",
    { batches: 10, at: 99 },
    {
      deliver: async () => {
        throw new AppError("invalid", "over the limit of series");
      },
    },
  );
  const end = await h.connector.done;
  expect(end).toEqual({ kind: "failed", reason: "over the limit of series", isRefused: true });
});

test("stopping twice, and after the end, is legal", async () => {
  const h = harness("dies", { batches: 1_000_000, at: -1 });
  await Promise.all([h.connector.stop(), h.connector.stop()]);
  await h.connector.stop();
  expect(await h.connector.done).toEqual({ kind: "stopped" });
});

test("a child that chatters is logged up to a bound", async () => {
  const h = harness("chatters", { batches: 3, at: 1 }, { limits: { logLinesPerMinute: 20 } });
  expect(await h.connector.done).toEqual({ kind: "done" });
  expect(h.logged).toHaveLength(20);
});

test("a child that does not hear that it is to stop is killed", async () => {
  let begin = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const h = harness("hangs", {}, { commit: async () => begin(), limits: { stopGraceMs: 20 } });
  await hasBegun;
  await h.connector.stop();
  expect(await h.connector.done).toEqual({ kind: "stopped" });
});

test("a child whose host is gone ends by itself", async () => {
  const child = Bun.spawn([process.execPath, entry, "plugin-run"], {
    stdin: "pipe",
    stdout: "pipe",
  });
  const start = { type: "start", plugin: "hangs", config: {}, credits: 1, files: {} };
  child.stdin.write(encodeFrame(start));
  child.stdin.flush();
  for await (const frame of readFrames(child.stdout)) {
    expect(frame.header.type).toBe("batch");
    break; // it runs, and will wait for ever
  }
  child.stdin.end();
  expect(await child.exited).toBe(1);
});
