import type { Caller } from "../domain/access.ts";
import type { Dialect, Engine, Precision, WriteResult } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import type { Clock } from "../lib/clock.ts";
import { empty, json } from "../lib/reply.ts";

/** What the write endpoints need. */
export type LineProtocolDeps = {
  readonly engine: () => Engine | undefined;
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtUs: number;
  /** Reads and inflates a body; throws "too-large" over the limit. */
  readonly readBody: (request: Request) => Promise<Uint8Array<ArrayBuffer>>;
};

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

/** The dialect by request: `/write` without `db` is what QuestDB's clients send. */
export function dialectOf(url: URL): Dialect {
  return url.pathname === "/write" && !url.searchParams.has("db") ? "questdb" : "influx";
}

/**
 * Multiplier of the request's times; ns when absent or empty. An unknown one is refused in both
 * dialects, also where InfluxDB 1 takes it for ns: a reading at a wrong time is worse than none.
 * @throws AppError "invalid" for an unknown one.
 */
export function precisionOf(url: URL, dialect: Dialect): Precision {
  const sent = url.searchParams.get("precision") || "ns";
  const known = (dialect === "influx" ? INFLUX_PRECISIONS : QUESTDB_PRECISIONS).get(sent);
  if (known === undefined)
    throw new AppError("invalid", `precision ${sent} is not known; use ns, us, ms, s, m or h`);
  return known;
}

/** `POST /write` and `POST /api/v2/write`, and the questions that clients ask before they write. */
export function lineProtocolRoutes(deps: LineProtocolDeps): Route[] {
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
    ...greetings(deps),
  ];
}

function greetings(deps: LineProtocolDeps): Route[] {
  const open = { surface: "device", permission: "open", rawBody: true } as const;
  const pong = () => empty(204, { "x-influxdb-version": `foresight-${deps.version}` });
  const created = () => json({ results: [{ statement_id: 0 }] });
  const health = () => {
    const isUp = deps.engine() !== undefined;
    const body = {
      name: "foresight",
      message: isUp ? "ready for queries and writes" : "starting",
      status: isUp ? "pass" : "fail",
      checks: [],
      version: deps.version,
      commit: "",
    };
    return json(body, isUp ? 200 : 503);
  };
  const settings = () =>
    json({
      config: {
        "release.type": "OSS",
        "release.version": deps.version,
        "http.settings.readonly": false,
        "accepting.writes": ["http"],
        "line.proto.support.versions": [1],
        "ilp.proto.transports": ["http"],
        "cairo.max.file.name.length": 127,
      },
      "preferences.version": 0,
      preferences: {},
    });
  return [
    route({
      ...open,
      method: "GET",
      path: "/ping",
      summary: "Answers when the server runs.",
      handle: pong,
    }),
    route({
      ...open,
      method: "GET",
      path: "/health",
      summary: "Whether writes are taken.",
      handle: health,
    }),
    route({
      ...open,
      method: "GET",
      path: "/settings",
      summary: "Line protocol versions that are taken.",
      handle: settings,
    }),
    route({
      ...open,
      permission: "device",
      method: "POST",
      path: "/query",
      summary:
        "Accepts CREATE DATABASE, which clients send at start; a tenant is its own database.",
      handle: created,
    }),
  ];
}

function sourceOf(caller: Caller): number {
  if (caller.sourceNo === undefined)
    throw new AppError("forbidden", "this key is bound to no source; create one with scope write");
  return caller.sourceNo;
}

/** 400 in the client's own words: which lines, where, and why. */
function refusal(url: URL, dialect: Dialect, result: WriteResult): Response {
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
