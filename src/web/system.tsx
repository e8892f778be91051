import type { ListenerRow } from "../../views/pages/listeners.tsx";
import { SystemPage, type SystemProps } from "../../views/pages/system.tsx";
import { paths } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import type { ConsumerPosition, EngineStats } from "../domain/engine.ts";
import type { ListenerState } from "../domain/operation.ts";
import { type Route, route } from "../domain/route.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { type Frame, frameOf } from "./shell.ts";

/** The log and those that follow it, for administrators. */
export function systemRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "admin",
      method: "GET",
      path: paths.system,
      summary: "The log: its size, how far each follower is, damaged parts.",
      handle: async (context) => {
        const [frame, stats, tenants] = await Promise.all([
          frameOf(deps, context),
          deps.engineStats(),
          deps.stores.tenants.list(),
        ]);
        const isShared = tenants.length > 1;
        const props = isShared
          ? sharedSystemProps(stats, frame)
          : { ...systemProps(stats, frame), listeners: listenerRows(deps.listeners(), frame) };
        return html(SystemPage(props));
      },
    }),
  ];
}

/** What the page shows of the engine's state. */
export function systemProps(
  stats: Pick<EngineStats, "logSequence" | "logBytes" | "consumers" | "refusal" | "damage">,
  { shell, format, nowUs }: Pick<Frame, "shell" | "format" | "nowUs">,
) {
  const s = t.admin.system;
  return {
    shell,
    opening: s.opening(format.number(stats.logSequence), format.number(stats.logBytes / 1e6)),
    refusal: stats.refusal,
    followers: stats.consumers.map((one) => ({
      name: s.names[one.name],
      sequence: format.number(one.sequence),
      behind: behindText(one, (value) => format.number(value)),
    })),
    damage: stats.damage.map(({ firstSequence, lastSequence, readings, foundAtUs }) => ({
      frames: s.fromTo(format.number(firstSequence), format.number(lastSequence)),
      readings: s.atLeast(format.number(readings)),
      found: format.at(foundAtUs, nowUs),
    })),
  };
}

/** The same where several tenants live: nothing to which others add. Pure. */
export function sharedSystemProps(
  { consumers, refusal }: Pick<EngineStats, "consumers" | "refusal">,
  { shell, format }: Pick<Frame, "shell" | "format">,
): SystemProps {
  const s = t.admin.system;
  return {
    shell,
    opening: s.shared,
    refusal: refusal === undefined ? undefined : s.refusedForNow,
    followers: consumers.map(({ name, behindUs }) => ({
      name: s.names[name],
      sequence: undefined,
      behind: behindUs === 0 ? s.upToDate : format.duration(behindUs / 1000),
    })),
    damage: undefined,
    listeners: undefined,
  };
}

/** Listeners with what they count, as text. Pure. */
export function listenerRows(
  listeners: readonly ListenerState[],
  { format }: Pick<Frame, "format">,
): ListenerRow[] {
  const l = t.listeners;
  const kinds = ["partialLines", "droppedLines", "droppedDatagrams", "refusals", "pauses"] as const;
  return listeners.map((one) => {
    const troubles = [
      ...kinds.flatMap((kind) =>
        one[kind] === 0 ? [] : [`${format.number(one[kind])} ${l.troubles[kind]}`],
      ),
      ...Object.entries(one.ended).flatMap(([why, count]) =>
        count === 0 ? [] : [l.ended(format.number(count), why)],
      ),
    ];
    return {
      ...{ name: one.name, port: String(one.port), bytes: format.bytes(one.bytes) },
      ...{ connections: format.number(one.connections), readings: format.number(one.readings) },
      rejected: format.number(one.rejectedLines),
      trouble: troubles.length === 0 ? l.nothing : troubles.join(", "),
    };
  });
}

function behindText(one: ConsumerPosition, number: (value: number) => string): string {
  if (one.behindReadings === 0 && one.behindUs === 0) return t.admin.system.upToDate;
  return t.admin.system.behindBy(
    number(one.behindReadings),
    number(Math.round(one.behindUs / 1e6)),
  );
}
