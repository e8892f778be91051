import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createToken, inspect, type Server, startServer } from "../system/harness.ts";
import { machine, quantile, round } from "./numbers.ts";
import { ASSETS, knowSeries, openBenchPlant, runLoader, SENSORS, target } from "./plant.ts";

/** 8,000 series × 5,400 seconds, unless it is told otherwise. */
const ROUNDS = "5400";
const ROUNDS_PER_RUN = 600;
const WARM_UP = 20;
const REQUESTS = 300;
/** How long lines come in beside the requests of one kind, about. */
const BUSY_S = 6;

/** A filled store, kept beside its data so that it can be measured again. */
type Filled = {
  readonly startS: number;
  readonly readToken: string;
  readonly readings: number;
  readonly rounds: number;
  /** Event time up to which `--during` has sent readings. */
  readonly busyUntilS?: number;
};

async function fill(data: string, rounds: number, print: (line: object) => void): Promise<Filled> {
  const plant = await openBenchPlant(data);
  const readToken = await createToken(data, "acme", "read");
  try {
    const load = {
      shape: "narrow",
      assets: ASSETS,
      sensors: SENSORS,
      linesPerBatch: 5_000,
    } as const;
    const startS = Math.floor(Date.now() / 1000) - 86_400 * 30;
    await knowSeries(plant, { ...load, startS: startS - 1 });
    const startedAt = performance.now();
    for (let from = 0; from < rounds; from += ROUNDS_PER_RUN) {
      const lines = Math.min(ROUNDS_PER_RUN, rounds - from) * ASSETS * SENSORS.length;
      const part = { ...load, lines, startS: startS + from };
      await runLoader({ ...target(plant), connections: 2, load: part });
    }
    const { readings } = await inspect(data);
    print({
      bench: "reads",
      filled: readings,
      seconds: round((performance.now() - startedAt) / 1000, 1),
    });
    return { startS, readToken, readings, rounds };
  } finally {
    await plant.server.stop();
  }
}

type Request = { readonly path: string; readonly body?: unknown };

/** What is asked, by name; `i` varies the series so that no answer is asked for twice in a row. */
function requestsOf(
  { startS, rounds }: Filled,
  assetIds: readonly string[],
  seriesNos: readonly number[],
) {
  const seriesNo = (i: number) => seriesNos[(i * 7919) % seriesNos.length];
  const endS = startS + rounds;
  const week = `fromUs=${(endS - 7 * 86_400) * 1e6}&toUs=${endS * 1e6}`;
  const hour = `fromUs=${(endS - 3_600) * 1e6}&toUs=${endS * 1e6}`;
  const readings = (i: number, query: string) => ({
    path: `/api/v1/series/acme/${seriesNo(i)}/readings?${query}`,
  });
  const latest = (body: unknown) => ({ path: "/api/v1/query/acme/latest", body });
  const prom = (path: string, parameters: Record<string, string>) => ({
    path: `/prom/api/v1/${path}?${new URLSearchParams(parameters)}`,
  });
  const asset = (i: number) => `A${String((i * 7919) % ASSETS).padStart(4, "0")}`;
  const span = { start: String(endS - 3_600), end: String(endS), step: "15" };
  return {
    lastOfAsset: (i: number) => latest({ assetId: assetIds[i % assetIds.length] }),
    lastOfEightSeries: (i: number) =>
      latest({ seriesNos: Array.from({ length: 8 }, (_, k) => seriesNo(i + k)) }),
    rawHour: (i: number) => readings(i, `${hour}&tier=raw&maxPoints=20000`),
    hourlyMeanWeek: (i: number) => readings(i, `${week}&step=1h&aggregate=mean`),
    autoWeek: (i: number) => readings(i, `${week}&maxPoints=500`),
    lastOfAll: () => latest({}),
    promLast: (i: number) =>
      prom("query", { query: `readings{asset="${asset(i)}"}`, time: String(endS) }),
    promRate: (i: number) =>
      prom("query_range", {
        query: `avg_over_time(readings{asset="${asset(i)}",sensor="flow"}[5m])`,
        ...span,
      }),
  } satisfies Record<string, (i: number) => Request>;
}

async function measure(
  server: Server,
  token: string,
  request: (i: number) => Request,
  count: number,
) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const ms: number[] = [];
  let bytes = 0;
  for (let i = 0; i < WARM_UP + count; i++) {
    const { path, body } = request(i);
    const init =
      body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const startedAt = performance.now();
    const answer = await fetch(`${server.url}${path}`, init);
    const text = await answer.text();
    if (i >= WARM_UP) ms.push(performance.now() - startedAt);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
    bytes = text.length;
  }
  return { p50Ms: round(quantile(ms, 0.5), 2), p95Ms: round(quantile(ms, 0.95), 2), bytes };
}

/** Ids of the assets, a page of them. */
async function listed<T>(
  server: Server,
  token: string,
  path: string,
  of: (item: never) => T,
): Promise<T[]> {
  const answer = await fetch(`${server.url}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { items } = (await answer.json()) as { items: never[] }; // the API's lists
  return items.map(of);
}

type Measured = Awaited<ReturnType<typeof measure>>;

/** Measures while the same series get readings, so many a second, each run of them after the one before. */
async function duringIngest(
  plant: { readonly server: Server; readonly writeToken: string },
  load: { readonly startS: number; readonly linesPerS: number },
  run: () => Promise<Measured>,
): Promise<Measured & { acknowledgedPerS: number; writeP99Ms: number }> {
  const started = Promise.withResolvers<void>();
  const sending = runLoader(
    {
      ...target(plant),
      connections: 8,
      linesPerS: load.linesPerS,
      load: {
        ...{ shape: "narrow", assets: ASSETS, sensors: SENSORS, startS: load.startS },
        ...{ lines: load.linesPerS * BUSY_S, linesPerBatch: 1_000 },
      },
    },
    started.resolve,
  );
  await Promise.race([started.promise, sending]);
  const result = await run();
  const sent = await sending;
  return {
    ...result,
    acknowledgedPerS: Math.round(sent.lines / sent.seconds),
    writeP99Ms: round(quantile(sent.latenciesMs, 0.99), 1),
  };
}

/**
 * Reads over HTTP from a store of 43 million readings: 8,000 series at 1 Hz for an hour and a half. The
 * store is kept in the folder, when one is named, and used again. With `--during` so many lines a second
 * come in meanwhile, in requests of 1,000 lines.
 * @param args [FOLDER [REQUEST]] --rounds N --during LINES
 */
export async function benchReads(
  print: (line: object) => void,
  args: readonly string[],
): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: "string", default: ROUNDS }, during: { type: "string" } },
  });
  const [folder, only] = positionals;
  if (folder !== undefined && process.env.FORESIGHT_TEST_SERIES === "questdb")
    throw new Error("with --series questdb no store is kept: leave the folder out");
  const root = folder ?? mkdtempSync(join(tmpdir(), "bench-reads-"));
  mkdirSync(root, { recursive: true });
  const data = join(root, "data");
  const note = join(root, "filled.json");
  if (!existsSync(note))
    writeFileSync(note, JSON.stringify(await fill(data, Number(values.rounds), print)));
  // Written above; an older one does not tell its rounds.
  const filled = { rounds: Number(ROUNDS), ...JSON.parse(readFileSync(note, "utf8")) } as Filled;
  const writeToken = await createToken(data, "acme", "write");
  const server = await startServer({ data });
  try {
    const { readToken } = filled;
    const linesPerS = Number(values.during ?? 0);
    let startS = filled.busyUntilS ?? filled.startS + filled.rounds;
    const assetIds = await listed(
      server,
      readToken,
      "assets/acme?limit=1000",
      (one: { id: string }) => one.id,
    );
    const seriesNos = await listed(
      server,
      readToken,
      "series/acme?limit=1000",
      (one: { seriesNo: number }) => one.seriesNo,
    );
    const requests = requestsOf(filled, assetIds, seriesNos);
    for (const [name, request] of Object.entries(requests)) {
      if (only !== undefined && name !== only) continue;
      const run = () => measure(server, readToken, request, REQUESTS);
      const result =
        linesPerS === 0
          ? await run()
          : await duringIngest({ server, writeToken }, { startS, linesPerS }, run);
      if (linesPerS > 0) {
        startS += Math.ceil((linesPerS * BUSY_S) / (ASSETS * SENSORS.length)) + 1;
        writeFileSync(note, JSON.stringify({ ...filled, busyUntilS: startS }));
      }
      print({
        bench: "reads",
        request: name,
        readings: filled.readings,
        requests: REQUESTS,
        ...result,
      });
    }
    print({ bench: "reads", machine: machine() });
  } finally {
    await server.stop();
    if (folder === undefined) rmSync(root, { recursive: true });
  }
}
