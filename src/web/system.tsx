import { SystemPage } from "../../views/pages/system.tsx";
import { paths } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import type { ConsumerPosition, EngineStats } from "../domain/engine.ts";
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
        const frame = await frameOf(deps, context);
        return html(SystemPage(systemProps(await deps.engineStats(), frame)));
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

function behindText(one: ConsumerPosition, number: (value: number) => string): string {
  if (one.behindReadings === 0 && one.behindUs === 0) return t.admin.system.upToDate;
  return t.admin.system.behindBy(
    number(one.behindReadings),
    number(Math.round(one.behindUs / 1e6)),
  );
}
