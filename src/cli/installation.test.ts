import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../domain/error.ts";
import type { Operations } from "../domain/operation.ts";
import { writeRunFile } from "../lib/run-file.ts";
import { runOperation } from "./installation.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const held = () =>
  new AppError("conflict", "the data folder is in use", { details: { heldBy: 7 } });

/** A folder, what opening it does, and the answers of the server that its file names. */
function setUp(opens: "free" | "held", answers: readonly (() => Response | "break off")[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "installation-"));
  ends.push(() => rmSync(folder, { recursive: true }));
  const calls: string[] = [];
  let next = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      calls.push(`${new URL(request.url).pathname} ${request.headers.get("x-foresight-local")}`);
      const answer = answers[Math.min(next++, answers.length - 1)]?.() ?? new Response();
      if (answer !== "break off") return answer;
      await server.stop(true);
      return new Response();
    },
  });
  ends.push(() => void server.stop(true));
  const port = server.port ?? 0;
  if (answers.length > 0) writeRunFile(folder, { pid: 1, host: "127.0.0.1", port, secret: "s" });
  // Only the operation that is asked for is there.
  const operations = { inspect: async () => "opened here" } as unknown as Operations;
  const run = () =>
    runOperation(
      {
        open: async () => {
          calls.push("open");
          if (opens === "held") throw held();
          return { operations, close: async () => void calls.push("close") };
        },
        pause: async () => void calls.push("pause"),
      },
      folder,
      "inspect",
      {},
    );
  return { run, calls };
}

const ours =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status, headers: { "x-foresight-instance": "i" } });
const ASKED = "/local/inspect s";

test("without a server the folder is opened, and closed again", async () => {
  const { run, calls } = setUp("free");
  expect(await run()).toBe("opened here");
  expect(calls).toEqual(["open", "close"]);
});

test("a running server is asked instead", async () => {
  const { run, calls } = setUp("held", [ours({ readings: 3 })]);
  expect(await run()).toEqual({ readings: 3 });
  expect(calls).toEqual([ASKED]);
});

test("a server that is starting is asked again", async () => {
  const { run, calls } = setUp("held", [ours({ code: "unavailable" }, 503), ours("ready")]);
  expect(await run()).toBe("ready");
  expect(calls).toEqual([ASKED, "pause", ASKED]);
});

test("one that never gets ready is given up with its own reason", async () => {
  const { run, calls } = setUp("held", [ours({ code: "unavailable", title: "not yet" }, 503)]);
  await expect(run()).rejects.toThrow("not yet");
  expect(calls.filter((call) => call === "pause")).toHaveLength(60);
});

test("its refusal keeps code and sentence", async () => {
  const { run } = setUp("held", [ours({ code: "not-found", title: "no tenant x" }, 404)]);
  await expect(run()).rejects.toMatchObject({ code: "not-found", message: "no tenant x" });
});

test.each([
  ["somebody else's server", () => new Response("hello")],
  ["a server that does not know the secret", ours({}, 401)],
])("%s on the port is not asked twice", async (_who, answer) => {
  const { run, calls } = setUp("free", [answer]);
  expect(await run()).toBe("opened here");
  expect(calls).toEqual([ASKED, "open", "close"]);
});

test("a file of a server that was killed is passed over", async () => {
  const { run, calls } = setUp("free", [() => "break off"]);
  for (const end of ends.splice(1)) end();
  expect(await run()).toBe("opened here");
  expect(calls).toEqual(["open", "close"]);
});

test("what a server broke off is not asked for twice", async () => {
  const { run, calls } = setUp("held", [() => "break off"]);
  await expect(run()).rejects.toThrow("look whether inspect was done");
  expect(calls).toEqual([ASKED, "open"]);
});

test("a held folder without a server yet is waited for", async () => {
  const { run, calls } = setUp("held");
  await expect(run()).rejects.toThrow("in use");
  expect(calls.filter((call) => call === "pause")).toHaveLength(60);
});
