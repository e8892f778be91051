import type { EngineStats } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import type { ListenerState } from "../domain/operation.ts";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { TENANT } from "./api-route.ts";
import { REFUSAL_PLACES, type WriteRefusals } from "./write-refusals.ts";

export type SystemDeps = {
  readonly stats: () => Promise<EngineStats>;
  readonly listeners: () => readonly ListenerState[];
  /** True when other tenants live here: what is of all of them is then nobody's to see. */
  readonly isShared: () => Promise<boolean>;
  readonly refusals: WriteRefusals;
  /** True when the text is the token of who collects metrics; never when none is set. */
  readonly knowsMetricsToken: (token: string) => boolean;
};

/** How the installation is: for its administrators, and for a program that collects metrics. */
export function systemRoutes(deps: SystemDeps): Route[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/system/:tenantId",
      surface: "api",
      permission: "admin",
      summary:
        "The log: its end, its size, how far each follower is, damaged parts; listeners with their counters. Where several tenants live, only what concerns each.",
      params: TENANT,
      handle: async () => {
        const [stats, isShared] = await Promise.all([deps.stats(), deps.isShared()]);
        return json(isShared ? sharedSystemOf(stats) : systemOf(stats, deps.listeners()));
      },
    }),
    route({
      method: "GET",
      path: "/metrics",
      surface: "api",
      permission: "open",
      summary: "Positions and sizes in Prometheus' text form; needs FORESIGHT_METRICS_TOKEN.",
      handle: async ({ request }) => {
        const [, token = ""] = (request.headers.get("authorization") ?? "").split(/\s+/, 2);
        if (!deps.knowsMetricsToken(token))
          throw new AppError(
            "unauthorized",
            "metrics need the token that FORESIGHT_METRICS_TOKEN holds, as Authorization: Bearer",
          );
        return new Response(metricsText(await deps.stats(), deps.refusals), {
          headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
        });
      },
    }),
  ];
}

/** What administrators see. Names no file: those are for who has the machine. */
export function systemOf(stats: EngineStats, listeners: readonly ListenerState[]) {
  const { logSequence, logBytes, consumers, refusal, damage } = stats;
  return {
    log: { sequence: logSequence, sizeBytes: logBytes },
    consumers,
    refusal: refusal ?? null,
    damage: damage.map(({ firstSequence, lastSequence, readings, foundAtUs }) => ({
      ...{ firstSequence, lastSequence, readings, foundAtUs },
    })),
    listeners,
  };
}

/** The same where several tenants live: no size and no count to which others add. */
export function sharedSystemOf({ consumers, refusal }: EngineStats) {
  return {
    consumers: consumers.map(({ name, behindUs }) => ({ name, behindUs })),
    refusal: refusal === undefined ? null : "writes are refused for now; the operator knows why",
  };
}

type Sample = { readonly labels?: string; readonly value: number };

function metric(name: string, kind: "gauge" | "counter", help: string, samples: Sample[]): string {
  const lines = samples.map(({ labels, value }) => `${name}${labels ?? ""} ${value}`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join("\n")}\n`;
}

/** The text form that Prometheus reads. */
export function metricsText(stats: EngineStats, refusals: WriteRefusals): string {
  const one = (value: number): Sample[] => [{ value }];
  const each = (of: (consumer: EngineStats["consumers"][number]) => number): Sample[] =>
    stats.consumers.map((c) => ({ labels: `{consumer="${c.name}"}`, value: of(c) }));
  const { gauge, counter } = { gauge: "gauge", counter: "counter" } as const;
  return [
    metric("foresight_log_sequence", counter, "Last durable frame.", one(stats.logSequence)),
    metric("foresight_log_bytes", gauge, "Size of the log on disk.", one(stats.logBytes)),
    metric("foresight_log_damaged_parts", gauge, "Parts of the log that cannot be read.", [
      { value: stats.damage.length },
    ]),
    metric(
      "foresight_log_refusing",
      gauge,
      "1 while writes are refused with 503.",
      one(stats.refusal === undefined ? 0 : 1),
    ),
    metric(
      "foresight_write_refusals_total",
      counter,
      "Writes answered with 503: starting or stopping, body too slow or too many, no room for the log.",
      REFUSAL_PLACES.map((place) => ({ labels: `{reason="${place}"}`, value: refusals[place] })),
    ),
    metric(
      "foresight_consumer_sequence",
      counter,
      "Frame up to which a follower of the log has come.",
      each((c) => c.sequence),
    ),
    metric(
      "foresight_consumer_behind_readings",
      gauge,
      "Readings that a follower has before it, about.",
      each((c) => c.behindReadings),
    ),
    metric(
      "foresight_consumer_behind_seconds",
      gauge,
      "Time by which a follower is behind.",
      each((c) => c.behindUs / 1e6),
    ),
    metric(
      "foresight_readings_accepted_total",
      counter,
      "Readings taken into the log.",
      one(stats.readingsAccepted),
    ),
    metric("foresight_series", gauge, "Series that are known.", one(stats.seriesCount)),
    metric("foresight_open_buckets", gauge, "Windows that are open.", one(stats.openBuckets)),
    metric("foresight_pending_bytes", gauge, "Bodies that wait for the log.", [
      { value: stats.pendingBytes },
    ]),
  ].join("");
}
