import { expect, test } from "bun:test";
import { createSender, pauseMsOf, targetOf } from "./send.ts";

const TAKEN = { lines: 1, readings: 2, rejectedLines: 0, errors: [] };
const BODY = new TextEncoder().encode("m v=1\n");
const HOW = { precision: "us", dialect: "influx" } as const;

/** A sender before a server that gives these answers in turn, the last again and again. */
function senderOf(answers: readonly (Response | Error)[]) {
  const paused: number[] = [];
  const asked: string[] = [];
  const stop = new AbortController();
  const sender = createSender({
    url: "http://plant/",
    token: "T",
    fetch: async (url) => {
      const answer = answers[Math.min(asked.push(url) - 1, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return (answer as Response).clone(); // there is at least one
    },
    pause: async (ms) => void paused.push(ms),
    say: () => undefined,
    signal: stop.signal,
  });
  return { sender, paused, asked, stop };
}

const busy = (retryAfter?: string) =>
  new Response("busy", { status: 503, headers: retryAfter ? { "retry-after": retryAfter } : {} });
const ok = new Response(JSON.stringify(TAKEN), { status: 200 });

test("it sends again after a 503, as late as the server says, and after a network that was away", async () => {
  const { sender, paused } = senderOf([busy("2"), new Error("refused"), busy(), ok]);
  expect(await sender.send(BODY, HOW)).toEqual(TAKEN);
  expect(paused).toEqual([2_000, 1_000, 2_000]);
  expect(sender.waits).toBe(3);
});

test("bad lines are an answer, not a failure", async () => {
  const bad = {
    ...TAKEN,
    rejectedLines: 1,
    errors: [{ lineNo: 1, column: 1, reason: "r", line: "x" }],
  };
  const { sender } = senderOf([new Response(JSON.stringify(bad), { status: 400 })]);
  expect(await sender.send(BODY, HOW)).toEqual(bad);
});

test.each([
  [401, "{}", "forbidden"],
  [403, "{}", "forbidden"],
  [413, "too large", "invalid"],
  [400, "not ours", "invalid"],
  [200, "<html>", "invalid"],
])("an answer %p %p is a failure at once", async (status, text, code) => {
  const { sender, paused } = senderOf([new Response(text, { status })]);
  await expect(sender.send(BODY, HOW)).rejects.toMatchObject({ code });
  expect(paused).toEqual([]);
});

test("it gives up after a quarter of an hour, or when it is stopped", async () => {
  const { sender, paused } = senderOf([busy()]);
  await expect(sender.send(BODY, HOW)).rejects.toMatchObject({ code: "unavailable" });
  const waitedMs = paused.reduce((sum, ms) => sum + ms, 0);
  expect(waitedMs).toBeGreaterThanOrEqual(15 * 60_000);
  expect(waitedMs).toBeLessThan(16 * 60_000);
  const stopped = senderOf([busy()]);
  stopped.stop.abort();
  await expect(stopped.sender.send(BODY, HOW)).rejects.toThrow("stopped");
});

test("pauses grow to ten seconds", () => {
  expect([1, 2, 3, 6, 60].map((attempt) => pauseMsOf(attempt, null))).toEqual([
    500, 1000, 2000, 10_000, 10_000,
  ]);
  expect(pauseMsOf(1, "9999")).toBe(60_000);
  expect(pauseMsOf(1, "soon")).toBe(500);
});

test("lines go where their dialect is read", () => {
  expect(targetOf("http://p/", HOW)).toBe(
    "http://p/api/v3/write_lp?db=history&precision=us&history=true",
  );
  expect(targetOf("http://p", { precision: "ns", dialect: "questdb" })).toBe(
    "http://p/write?precision=ns&history=true",
  );
});
