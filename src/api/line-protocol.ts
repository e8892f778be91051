import type { Caller } from "../domain/access.ts";
import type { Dialect, LineError, Precision, WriteResult } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { empty, json } from "../lib/reply.ts";
import { type GreetingDeps, greetingRoutes } from "./line-protocol-greetings.ts";

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

const V3_PATH = "/api/v3/write_lp";

/** The dialect by request: `/write` without `db` is what QuestDB's clients send. */
export function dialectOf(url: URL): Dialect {
  return url.pathname === "/write" && !url.searchParams.has("db") ? "questdb" : "influx";
}

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
    throw new AppError("invalid", `precision ${sent} is not known; use ns, us, ms, s, m or h`);
  return known;
}

/** InfluxDB 3's clients may ask that one bad line refuses the whole request. */
function isAtomic(url: URL): boolean {
  return url.pathname === V3_PATH && url.searchParams.get("accept_partial") === "false";
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
    const engine = deps.engine();
    if (engine === undefined)
      throw new AppError("unavailable", "the server is starting or stopping; send it again");
    const body = await deps.readBody(request);
    const result = await engine.write({
      tenantNo: caller.tenantNo,
      sourceNo: sourceOf(caller),
      dialect,
      precision,
      isAtomic: isAtomic(url),
      receivedAtUs: deps.clock.nowUs(),
      body: body.buffer,
    });
    return result.rejectedLines === 0 ? empty(204) : refusal(url, dialect, result);
  };
  const device = { surface: "device", permission: "device", rawBody: true } as const;
  return [
    route({
      ...device,
      method: "POST",
      path: "/write",
      summary: "Write readings as line protocol.",
      handle: write,
    }),
    route({
      ...device,
      method: "POST",
      path: "/api/v2/write",
      summary: "Write readings as line protocol, as InfluxDB 2 clients do.",
      handle: write,
    }),
    route({
      ...device,
      method: "POST",
      path: V3_PATH,
      summary: "Write readings as line protocol, as InfluxDB 3 clients do.",
      handle: write,
    }),
    ...greetingRoutes(deps),
  ];
}

function sourceOf(caller: Caller): number {
  if (caller.sourceNo === undefined)
    throw new AppError("forbidden", "this key is bound to no source; create one with scope write");
  return caller.sourceNo;
}

/** InfluxDB 3's form: a list beside what was kept, one line when nothing was. */
function refusalV3(url: URL, errors: readonly LineError[]): Response {
  const data = errors.map((e) => ({
    original_line: e.line,
    line_number: e.lineNo,
    error_message: `${e.reason} (column ${e.column})`,
  }));
  return isAtomic(url)
    ? json({ error: "parsing failed for write_lp endpoint", data: data[0] }, 400)
    : json({ error: "partial write of line protocol occurred", data }, 400);
}

/** 400 in the client's own words: which lines, where, and why. */
function refusal(url: URL, dialect: Dialect, result: WriteResult): Response {
  if (url.pathname === V3_PATH) return refusalV3(url, result.errors);
  const first = result.errors[0];
  const reasons = result.errors.map(
    (e) => `unable to parse '${e.line}': ${e.reason} (line ${e.lineNo}, column ${e.column})`,
  );
  const more = result.rejectedLines - result.errors.length;
  const text = more > 0 ? `${reasons.join("\n")}\nand ${more} more` : reasons.join("\n");
  if (dialect === "questdb") {
    const lines = result.errors
      .map((e) => `error in line ${e.lineNo}: ${e.reason} (column ${e.column})`)
      .join("\n");
    return json(
      {
        code: "invalid",
        message: `failed to parse line protocol:errors encountered on line(s):\n${lines}`,
        line: first?.lineNo,
        errorId: `${result.sequence.toString(16).padStart(12, "0")}-${result.rejectedLines}`,
      },
      400,
    );
  }
  const message = `partial write: ${text} dropped=${result.rejectedLines}`;
  if (url.pathname === "/api/v2/write")
    return json({ code: "invalid", message, line: first?.lineNo }, 400);
  const header = message
    .replaceAll("\n", " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 1000);
  return json({ error: message }, 400, { "x-influxdb-error": header });
}

/** A refusal of a whole request, in the shape that the client's dialect has for it. */
export function deviceProblem(
  problem: { status: number; code: string; message: string },
  request: Request,
): Response {
  const url = new URL(request.url);
  const status = problem.status === 422 ? 400 : problem.status;
  const headers: Record<string, string> = {};
  if (status === 503) headers["retry-after"] = "1";
  if (status === 401) headers["www-authenticate"] = 'Basic realm="foresight"';
  if (url.pathname.startsWith("/api/v2/") || dialectOf(url) === "questdb")
    return json({ code: problem.code, message: problem.message }, status, headers);
  return json({ error: problem.message }, status, headers);
}
