import { createRandom, type Random } from "../../src/lib/random.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { pause, waitFor } from "../services/wait.ts";
import { apiClient } from "../system/api-client.ts";
import { type Server, type ServerOptions, startServer } from "../system/harness.ts";
import { addTenant, adoptAll, type Tenant } from "../system/plant.ts";
import { linesOf, RULE, START_US, type Stream } from "./workload.ts";

export type Bucket = { atUs: number; n: number; mean: number; min: number; max: number };
export type FoundAlert = {
  readonly series: string;
  readonly openedAtUs: number;
  readonly sinceUs: number;
  readonly closedAtUs: number | undefined;
};

/** What is there after a workload. */
export type Outcome = {
  readonly readings: ReadonlyMap<string, [number, number][]>;
  readonly buckets: ReadonlyMap<string, Bucket[]>;
  readonly alerts: readonly FoundAlert[];
  readonly kills: number;
  /** Batches that were sent again because their answer never came. */
  readonly repeats: number;
};

/** What a kill ends: our server, the program beside it, or both at once. */
export type Victim = "server" | "beside" | "both";

/** Another program of the installation. */
export type Beside = {
  /** kill -9, and a start on the same data. */
  readonly restart: () => Promise<void>;
  /** Draws what the next kill ends. */
  readonly victim: (random: Random) => Victim;
};

type Run = {
  readonly options: ServerOptions;
  server: Server;
  tenant: Tenant;
  acknowledged: number;
  repeats: number;
  readonly beside: Beside | undefined;
};

const SENSOR_NAMES = ["temperature", "pressure", "speed"];

/** One reading a series, so that it exists and can be adopted before the rule is made. */
async function prepare(run: Run, streams: readonly Stream[]): Promise<Map<string, number>> {
  const { tenant } = run;
  const first = streams.flatMap(({ device }) =>
    SENSOR_NAMES.map((s) => `machine,asset=${device} ${s}=1 ${START_US - 3_600_000_000}`),
  );
  const sent = await tenant.device.write(first.join("\n"));
  if (sent.status !== 204) throw new Error(`first write: ${sent.status}`);
  const numbers = new Map<string, number>();
  await waitFor("every series", async () => {
    const { body } = await tenant.admin.get(`/api/v1/series/${tenant.id}?limit=1000`);
    for (const s of body.items as { seriesNo: number; assetKey: string; sensorName: string }[])
      numbers.set(`${s.assetKey}/${s.sensorName}`, s.seriesNo);
    return numbers.size === first.length;
  });
  await adoptAll(tenant, [...numbers.values()]);
  const made = await tenant.admin.post(`/api/v1/rules/${tenant.id}`, {
    name: "Too hot",
    severity: "critical",
    op: "above",
    threshold: RULE.threshold,
    clear: RULE.clear,
    holdMs: RULE.holdUs / 1000,
    scope: { kind: "type", sensorName: "temperature" },
  });
  if (made.status !== 201) throw new Error(`rule: ${JSON.stringify(made.body)}`);
  return numbers;
}

/** Sends a stream in order; a batch is repeated until it is acknowledged. */
async function sendStream(run: Run, stream: Stream, pauseMs: number): Promise<void> {
  for (const batch of stream.batches) {
    const lines = linesOf(stream.device, batch);
    for (let isSent = false; !isSent; ) {
      try {
        const answer = await run.tenant.device.write(lines);
        if (answer.status === 204) isSent = true;
        else if (answer.status !== 503)
          throw new Error(`write answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith("write answered")) throw error;
      }
      if (!isSent) {
        run.repeats++;
        await pause(20);
      }
    }
    run.acknowledged++;
    await pause(pauseMs);
  }
}

async function strike(run: Run, random: Random): Promise<void> {
  const victim = run.beside?.victim(random) ?? "server";
  await Promise.all([
    victim === "beside" ? undefined : run.server.kill(),
    victim === "server" ? undefined : run.beside?.restart(),
  ]);
  if (victim === "beside") return;
  run.server = await startServer({ ...run.options, port: run.server.port });
}

/** Kills at random moments of the load and starts again what was killed, until all is sent. */
async function killRepeatedly(
  run: Run,
  seed: number,
  kills: number,
  isOver: () => boolean,
): Promise<number> {
  const random = createRandom(seed);
  for (let done = 0; done < kills; done++) {
    const goal = run.acknowledged + 5 + random.int(60);
    await waitFor("load", () => isOver() || run.acknowledged >= goal, 120_000, 5);
    if (isOver()) return done;
    await pause(random.int(30));
    await strike(run, random);
  }
  return kills;
}

async function collect(run: Run, numbers: ReadonlyMap<string, number>, untilUs: number) {
  const { tenant } = run;
  const readings = new Map<string, [number, number][]>();
  const buckets = new Map<string, Bucket[]>();
  for (const [name, no] of numbers) {
    const path = `/api/v1/series/${tenant.id}/${no}/readings?fromUs=${START_US}&toUs=${untilUs}`;
    const raw = await tenant.admin.get(`${path}&tier=raw&maxPoints=20000`);
    const rolled = await tenant.admin.get(`${path}&tier=5m&maxPoints=20000`);
    if (raw.status !== 200 || rolled.status !== 200)
      throw new Error(`${name}: ${JSON.stringify([raw.body, rolled.body])}`);
    const columns = raw.body as { atUs: number[]; mean: number[]; reduced: boolean };
    if (columns.reduced) throw new Error(`${name}: more readings than one read returns`);
    readings.set(
      name,
      columns.atUs.map((at, i) => [at, columns.mean[i] ?? Number.NaN]),
    );
    const b = rolled.body as Record<"atUs" | "n" | "mean" | "min" | "max", number[]>;
    const at = (column: keyof typeof b, i: number) => b[column][i] ?? Number.NaN;
    buckets.set(
      name,
      b.atUs.map((atUs, i) => ({
        atUs,
        n: at("n", i),
        mean: at("mean", i),
        min: at("min", i),
        max: at("max", i),
      })),
    );
  }
  return { readings, buckets };
}

async function collectAlerts(tenant: Tenant, numbers: ReadonlyMap<string, number>) {
  const nameOf = new Map([...numbers].map(([name, no]) => [no, name]));
  type Row = { seriesNo: number; openedAtUs: number; sinceUs: number; closedAtUs?: number };
  const rows: Row[] = [];
  for (let after = ""; ; ) {
    const { body } = await tenant.admin.get(
      `/api/v1/alerts/${tenant.id}?view=all&limit=1000${after}`,
    );
    rows.push(...(body.items as Row[]));
    if (body.next === undefined || body.next === null) break;
    after = `&after=${encodeURIComponent(body.next)}`;
  }
  return rows
    .map((r) => ({
      series: nameOf.get(r.seriesNo) ?? `series ${r.seriesNo}`,
      openedAtUs: r.openedAtUs,
      sinceUs: r.sinceUs,
      closedAtUs: r.closedAtUs ?? undefined,
    }))
    .sort((a, b) => a.series.localeCompare(b.series) || a.openedAtUs - b.openedAtUs);
}

/** Runs streams against a fresh server, killing it `kills` times, and reads back what is there. */
export async function runWorkload(
  streams: readonly Stream[],
  options: {
    readonly seed: number;
    readonly kills: number;
    readonly pauseMs: number;
    readonly env?: Record<string, string>;
    readonly beside?: Beside;
  },
): Promise<Outcome> {
  const data = `${temporaryFolder("crash")}/data`;
  const serverOptions = { data, ...(options.env === undefined ? {} : { env: options.env }) };
  const server = await startServer(serverOptions);
  const tenant = await addTenant(server, "acme");
  const { beside } = options;
  const counters = { acknowledged: 0, repeats: 0 };
  const run: Run = { options: serverOptions, server, tenant, beside, ...counters };
  const numbers = await prepare(run, streams);
  let isOver = false;
  const load = Promise.all(streams.map((s) => sendStream(run, s, options.pauseMs))).finally(() => {
    isOver = true;
  });
  const kills = await killRepeatedly(run, options.seed, options.kills, () => isOver);
  await load;
  // A last stop and start: what is compared has been through the snapshot as well.
  await run.server.stop();
  run.server = await startServer({ ...serverOptions, port: server.port });
  const untilUs = START_US + 86_400_000_000;
  const health = await apiClient(run.server.url, "").get("/health");
  if (health.status !== 200) throw new Error(`health: ${health.status}`);
  const columns = await collect(run, numbers, untilUs);
  const alerts = await collectAlerts(tenant, numbers);
  await run.server.stop();
  return { ...columns, alerts, kills, repeats: run.repeats };
}
