import type { Dialect, LineError, WriteResult } from "../domain/engine.ts";
import type { ErrorDetails } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";
import { json } from "../lib/reply.ts";

export const V3_PATH = "/api/v3/write_lp";

/** The dialect by request: `/write` without `db` is what QuestDB's clients send. */
export function dialectOf(url: URL): Dialect {
  return url.pathname === "/write" && !url.searchParams.has("db") ? "questdb" : "influx";
}

/** InfluxDB 3's clients may ask that one bad line refuses the whole request. */
export function isAtomic(url: URL): boolean {
  return url.pathname === V3_PATH && url.searchParams.get("accept_partial") === "false";
}

/**
 * Numbers for refusals, which QuestDB's clients show: ms since epoch as 12 hex digits, and a count. The
 * time leads to the lines in quarantine and in the log.
 */
export function createErrorIds(clock: Clock): () => string {
  let count = 0;
  return () => {
    const atMs = Math.floor(clock.nowUs() / 1_000);
    return `${atMs.toString(16).padStart(12, "0")}-${count++}`;
  };
}

/** What became of lines of history: the same form whatever the dialect, since a program mends its file by it. */
export function historyAnswer({ lines, readings, rejectedLines, errors }: WriteResult): Response {
  return json({ lines, readings, rejectedLines, errors }, rejectedLines === 0 ? 200 : 400);
}

/** 400 in the client's own words: which lines, where, and why. */
export function refusal(url: URL, result: WriteResult, errorId: string): Response {
  if (url.pathname === V3_PATH) return refusalV3(url, result.errors);
  if (dialectOf(url) === "questdb") return refusalQuestDb(result, errorId);
  const reasons = result.errors.map(
    (e) => `unable to parse '${e.line}': ${e.reason} (line ${e.lineNo}, column ${e.column})`,
  );
  const more = result.rejectedLines - result.errors.length;
  const text = more > 0 ? `${reasons.join("\n")}\nand ${more} more` : reasons.join("\n");
  const message = `partial write: ${text} dropped=${result.rejectedLines}`;
  if (url.pathname === "/api/v2/write")
    return json({ code: "invalid", message, line: result.errors[0]?.lineNo }, 400);
  return json({ error: message }, 400, influxHeader(message));
}

/** InfluxDB 1 repeats its error in a header; of more than fits, the beginning. */
function influxHeader(message: string): Record<string, string> {
  const header = message
    .replaceAll("\n", " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 1000);
  return { "x-influxdb-error": header };
}

function refusalQuestDb(result: WriteResult, errorId: string): Response {
  const lines = result.errors
    .map((e) => `error in line ${e.lineNo}: ${e.reason} (column ${e.column})`)
    .join("\n");
  return json(
    {
      code: "invalid",
      message: `failed to parse line protocol:errors encountered on line(s):\n${lines}`,
      line: result.errors[0]?.lineNo,
      errorId,
    },
    400,
  );
}

/**
 * InfluxDB 3's form: a list beside what was kept, one line when nothing was. 422 when the only thing wrong
 * is that there is no room for new series.
 */
function refusalV3(url: URL, errors: readonly LineError[]): Response {
  const data = errors.map((e) => ({
    original_line: e.line,
    line_number: e.lineNo,
    error_message: `${e.reason} (column ${e.column})`,
  }));
  const status = errors.length > 0 && errors.every((e) => e.isSeriesLimit === true) ? 422 : 400;
  return isAtomic(url)
    ? json({ error: "parsing failed for write_lp endpoint", data: data[0] }, status)
    : json({ error: "partial write of line protocol occurred", data }, status);
}

export type DeviceProblem = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: ErrorDetails | undefined;
};

/** QuestDB's word for a refusal, by its status. */
const QUESTDB_CODES: ReadonlyMap<number, string> = new Map([
  [413, "request too large"],
  [415, "not supported"],
  [500, "internal error"],
]);

const INFLUX_2_CODES: ReadonlyMap<number, string> = new Map([
  [404, "not found"],
  [405, "method not allowed"],
  [413, "request too large"],
  [415, "unsupported media type"],
  [500, "internal error"],
]);

/** A refusal of a whole request, in the shape that the client's dialect has for it. */
export function deviceProblem(problem: DeviceProblem, request: Request, errorId: string): Response {
  const url = new URL(request.url);
  const status = problem.status === 422 ? 400 : problem.status;
  const { code, message } = problem;
  const headers: Record<string, string> = {};
  if (status === 503) headers["retry-after"] = "1";
  if (status === 401) headers["www-authenticate"] = 'Basic realm="foresight"';
  if (dialectOf(url) === "questdb") {
    const isPrecision = problem.details?.precision !== undefined;
    const word = isPrecision ? "not supported" : (QUESTDB_CODES.get(status) ?? code);
    return json({ code: word, message, errorId }, status, headers);
  }
  if (url.pathname.startsWith("/api/v2/"))
    return json({ code: INFLUX_2_CODES.get(status) ?? code, message }, status, headers);
  return json({ error: message }, status, { ...headers, ...influxHeader(message) });
}
