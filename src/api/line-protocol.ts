import type { Caller } from "../domain/access.ts";
import type { Dialect, Precision } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { empty } from "../lib/reply.ts";
import { dialectOf, historyAnswer, isAtomic, refusal, V3_PATH } from "./line-protocol-answers.ts";
import { type GreetingDeps, greetingRoutes } from "./line-protocol-greetings.ts";
import type { RefusalPlace, WriteRefusals } from "./write-refusals.ts";

const QUESTDB_PRECISIONS: ReadonlyMap<string, Precision> = new Map([
  ["n", "ns"],
  ["ns", "ns"],
  ["u", "us"],
  ["us", "us"],
  ["ms", "ms"],
  ["s", "s"],
  ["m", "m"],
  ["h", "h"],
]);

const INFLUX_PRECISIONS: ReadonlyMap<string, Precision> = new Map([
  ...QUESTDB_PRECISIONS,
  ["nanosecond", "ns"],
  ["microsecond", "us"],
  ["millisecond", "ms"],
  ["second", "s"],
]);

/**
 * Unit of the request's times; ns when absent or empty, InfluxDB 3's `auto` on its path. An unknown one
 * is refused in both dialects, also where InfluxDB 1 takes it for ns: a reading at a wrong time is worse
 * than none.
 * @throws AppError "invalid" for an unknown one.
 */
export function precisionOf(url: URL, dialect: Dialect): Precision {
  const isV3 = url.pathname === V3_PATH;
  const sent = url.searchParams.get("precision") || (isV3 ? "auto" : "ns");
  if (isV3 && sent === "auto") return "auto";
  const known = (dialect === "influx" ? INFLUX_PRECISIONS : QUESTDB_PRECISIONS).get(sent);
  if (known === undefined)
    throw new AppError("invalid", `precision ${sent} is not known; use ns, us, ms, s, m or h`, {
      details: { precision: sent },
    });
  return known;
}

/**
 * Whether the lines are of the past: they raise no alarm, and wait for live ones.
 * @throws AppError "invalid" for a value that is neither true nor false.
 */
export function isHistoryOf(url: URL): boolean {
  const sent = url.searchParams.get("history") || "false";
  if (sent !== "true" && sent !== "false")
    throw new AppError("invalid", `history ${sent} is not known; use true or false`);
  return sent === "true";
}

/** `POST /write`, `/api/v2/write` and `/api/v3/write_lp`, and the questions that clients ask before they write. */
export function lineProtocolRoutes(deps: GreetingDeps): Route[] {
  const write = async ({
    request,
    url,
    caller,
  }: {
    request: Request;
    url: URL;
    caller: Caller;
  }) => {
    const dialect = dialectOf(url);
    const precision = precisionOf(url, dialect);
    const isHistory = isHistoryOf(url);
    const engine = deps.engine();
    if (engine === undefined) {
      deps.refusals.starting++;
      throw new AppError("unavailable", "the server is starting or stopping; send it again");
    }
    const reading = deps.readBody(request, sourceOf(caller));
    const body = await counted(deps.refusals, "body", reading);
    const writing = engine.write({
      tenantNo: caller.tenantNo,
      sourceNo: sourceOf(caller),
      dialect,
      precision,
      isAtomic: isAtomic(url),
      isHistory,
      yieldsToLive: isHistory,
      keepsGoodLines: isHistory,
      receivedAtUs: deps.clock.nowUs(),
      body: body.buffer,
    });
    const result = await counted(deps.refusals, "log", writing);
    if (isHistory) return historyAnswer(result);
    return result.rejectedLines === 0 ? empty(204) : refusal(url, result, deps.errorId());
  };
  const device = { surface: "device", permission: "device", rawBody: true } as const;
  return [
    route({
      ...device,
      method: "POST",
      path: "/write",
      summary: "Write readings as line protocol; history=true: no alarms.",
      handle: write,
    }),
    route({
      ...device,
      method: "POST",
      path: "/api/v2/write",
      summary:
        "Write readings as line protocol, as InfluxDB 2 clients do; history=true: no alarms.",
      handle: write,
    }),
    route({
      ...device,
      method: "POST",
      path: V3_PATH,
      summary:
        "Write readings as line protocol, as InfluxDB 3 clients do; history=true: no alarms.",
      handle: write,
    }),
    ...greetingRoutes(deps),
  ];
}

/** Counts a failure that is answered with 503; another is a fault of the request, or ours. */
async function counted<T>(
  refusals: WriteRefusals,
  place: RefusalPlace,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isRefusal =
      error instanceof AppError && (error.code === "unavailable" || error.code === "too-slow");
    if (isRefusal) refusals[place]++;
    throw error;
  }
}

function sourceOf(caller: Caller): number {
  if (caller.sourceNo === undefined)
    throw new AppError("forbidden", "this key is bound to no source; create one with scope write");
  return caller.sourceNo;
}
