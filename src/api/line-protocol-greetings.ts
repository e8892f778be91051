import type { Engine, EngineStats } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import type { Clock } from "../lib/clock.ts";
import { empty, json } from "../lib/reply.ts";
import type { WriteRefusals } from "./write-refusals.ts";

export type GreetingDeps = {
  readonly engine: () => Engine | undefined;
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtUs: number;
  /** Reads and inflates a body that a source sends (0: none); throws "too-large" over the limit. */
  readonly readBody: (request: Request, sourceNo: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** A number for a refusal, for clients that show one. */
  readonly errorId: () => string;
  /** Counts of writes that are answered with 503. */
  readonly refusals: WriteRefusals;
};

const OPEN = { surface: "device", permission: "open", rawBody: true } as const;

/** What clients ask before they write, in the words of the server each of them was made for. */
export function greetingRoutes(deps: GreetingDeps): Route[] {
  return [...signsOfLife(deps), settingsRoute(deps), ...queryRoutes(deps)];
}

function signsOfLife(deps: GreetingDeps): Route[] {
  const { version } = deps;
  const headers = { "x-influxdb-version": `foresight-${version}` };
  const health = async () => {
    const engine = deps.engine();
    const isUp = engine !== undefined;
    const checks = isUp ? logChecks(await engine.stats()) : [];
    const body = {
      name: "foresight",
      message: isUp ? "ready for queries and writes" : "starting",
      status: isUp ? "pass" : "fail",
      checks,
      version,
      commit: "",
    };
    return json(body, isUp ? 200 : 503);
  };
  const ready = () => {
    if (deps.engine() === undefined)
      throw new AppError("unavailable", "the server is starting or stopping; ask again");
    const upS = Math.floor((deps.clock.nowUs() - deps.startedAtUs) / 1e6);
    const started = new Date(deps.startedAtUs / 1000).toISOString();
    return json({ status: "ready", started, up: `${upS}s` });
  };
  return [
    route({
      ...OPEN,
      method: "GET",
      path: "/ping",
      summary: "Answers when the server runs; with verbose=true it tells its version.",
      handle: ({ url }) =>
        url.searchParams.get("verbose") === "true"
          ? json({ version: `foresight-${version}` }, 200, headers)
          : empty(204, headers),
    }),
    route({
      ...OPEN,
      method: "GET",
      path: "/health",
      summary: "Whether writes are taken.",
      handle: health,
    }),
    route({
      ...OPEN,
      method: "GET",
      path: "/ready",
      summary: "Since when writes are taken.",
      handle: ready,
    }),
  ];
}

/** What is not as it should be, although the server answers. Names no file and no tenant. */
function logChecks({ damage, refusal }: Pick<EngineStats, "damage" | "refusal">) {
  const checks: { name: string; status: "fail"; message: string }[] = [];
  if (damage.length > 0)
    checks.push({
      name: "log",
      status: "fail",
      message: `${damage.length} damaged parts of the log are passed over; see foresight log verify`,
    });
  if (refusal !== undefined)
    checks.push({ name: "writes", status: "fail", message: "writes are refused for now" });
  return checks;
}

function settingsRoute({ version }: GreetingDeps): Route {
  const settings = () =>
    json({
      config: {
        "release.type": "OSS",
        "release.version": version,
        "http.settings.readonly": false,
        "accepting.writes": ["http"],
        "line.proto.support.versions": [1, 2, 3],
        "ilp.proto.transports": ["http"],
        "cairo.max.file.name.length": 127,
      },
      "preferences.version": 0,
      preferences: {},
    });
  return route({
    ...OPEN,
    method: "GET",
    path: "/settings",
    summary: "Line protocol versions that are taken.",
    handle: settings,
  });
}

function queryRoutes({ readBody }: GreetingDeps): Route[] {
  const ask = { ...OPEN, permission: "device", path: "/query" } as const;
  return [
    route({
      ...ask,
      method: "GET",
      summary: "Answers what InfluxDB 1 clients ask at start: SHOW DATABASES and the like.",
      handle: ({ url }) => json(answersTo(url.searchParams)),
    }),
    route({
      ...ask,
      method: "POST",
      summary:
        "Accepts CREATE DATABASE, which clients send at start; a tenant is its own database.",
      handle: async ({ url, request, caller }) => {
        const form = new TextDecoder().decode(await readBody(request, caller.sourceNo ?? 0));
        const sent = new URLSearchParams(form);
        return json(answersTo(new URLSearchParams([...url.searchParams, ...sent])));
      },
    }),
  ];
}

type Statement = {
  readonly statement_id: number;
  readonly series?: readonly unknown[];
  readonly error?: string;
};

/** Statements of one request; clients send one or two. */
const STATEMENTS_MAX = 20;
const ACCEPTED = /^(create|alter) (database|retention policy)\b/;

/**
 * The answer in InfluxDB 1's form, a result a statement. Readings are not queried here.
 * @throws AppError "invalid" when there is no `q`.
 */
function answersTo(params: URLSearchParams): { results: Statement[] } {
  const q = params.get("q") ?? "";
  if (q.trim() === "") throw new AppError("invalid", 'missing required parameter "q"');
  const statements = statementsOf(q);
  if (statements.length > STATEMENTS_MAX)
    throw new AppError("invalid", `at most ${STATEMENTS_MAX} statements at once`);
  const database = params.get("db") || "foresight";
  return {
    results: statements.map((text, id) => ({ statement_id: id, ...answerTo(text, database) })),
  };
}

/** Names and texts in quotes may hold a semicolon; a backslash hides the quote behind it. */
function statementsOf(q: string): string[] {
  const parts = q.match(/(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^;])+/g) ?? [];
  return parts.filter((text) => text.trim() !== "");
}

function answerTo(text: string, database: string): Omit<Statement, "statement_id"> {
  const statement = text.trim().replace(/\s+/g, " ").toLowerCase();
  if (ACCEPTED.test(statement)) return {};
  if (statement === "show databases")
    return { series: [{ name: "databases", columns: ["name"], values: [[database]] }] };
  if (/^show retention policies\b/.test(statement)) {
    const columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"];
    return { series: [{ columns, values: [["autogen", "0s", "24h0m0s", 1, true]] }] };
  }
  return {
    error:
      "only CREATE DATABASE, SHOW DATABASES and SHOW RETENTION POLICIES are answered here; read with /api/v1/query",
  };
}
