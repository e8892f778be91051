import { Type } from "@sinclair/typebox";
import { PredictionPage } from "../../views/pages/prediction.tsx";
import { type PredictionRow, PredictionsPage } from "../../views/pages/predictions.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { cardOf } from "./model-card.ts";
import { isLikelyToFail } from "./needs.ts";
import { rankByRisk } from "./now.tsx";
import { readPlant } from "./plant.ts";
import { predictionProps } from "./prediction-page.ts";
import { predictionWords } from "./prediction-words.ts";
import { frameOf } from "./shell.ts";
import { stepsText, stepWords } from "./step-words.ts";
import { counted, standOf, trustOf } from "./trust.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const PAGE = 50;

type Context = RouteContext<unknown, unknown, unknown>;

/** Every machine's newest prediction by risk, and the evidence of one. */
export function predictionsRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.predictions,
      summary: "Predictions by risk: chance of failure times what it costs.",
      query: Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 20 })) }),
      handle: async (context) =>
        html(PredictionsPage(await listProps(deps, context, context.query.cursor))),
    }),
    route({
      ...read,
      path: "/predictions/:id",
      summary: "The evidence of one prediction.",
      params: ID,
      handle: async (context) =>
        html(PredictionPage(await predictionProps(deps, context, context.params.id))),
    }),
  ];
}

async function listProps(deps: WebDeps, context: Context, cursor: string | undefined) {
  const { caller } = context;
  const { stores } = deps;
  const [frame, plant, labels, models] = await Promise.all([
    frameOf(deps, context),
    readPlant(deps, caller),
    stores.work.labels(caller),
    stores.models.list(caller),
  ]);
  const ranked = rankByRisk(plant.machines);
  const start = Math.max(0, Number.parseInt(cursor ?? "0", 10) || 0);
  const shown = ranked.slice(start, start + PAGE);
  const labelsOf = Map.groupBy(labels, ({ assetId }) => assetId);
  const startOf = new Map<string, number>();
  for (const one of plant.mapped) {
    const known = startOf.get(one.assetId) ?? Number.POSITIVE_INFINITY;
    startOf.set(one.assetId, Math.min(known, one.mappedFromUs));
  }
  const championOf = new Map(
    models.filter(({ stage }) => stage === "champion").map((model) => [model.assetTypeId, model]),
  );
  const rows = shown.flatMap((machine): PredictionRow[] => {
    const said = predictionWords(frame.format, machine, machine.prediction);
    if (said === undefined || machine.prediction === undefined) return [];
    const champion = championOf.get(machine.asset.typeId ?? "");
    const ladder = trustOf(
      machine,
      startOf.get(machine.asset.id),
      labelsOf.get(machine.asset.id) ?? [],
      champion && { number: champion.number, failures: cardOf(champion)?.failures },
    );
    return [
      {
        id: machine.prediction.id,
        asset: machine.ref,
        health: machine.health,
        chance: said.chance,
        timeLeft: said.timeLeft,
        cost: said.cost,
        risk: said.risk,
        reason: said.isRule ? `By a rule: ${said.reason}` : said.reason,
        trust: said.isRule ? "a rule, no model" : standOf(ladder),
      },
    ];
  });
  const horizons = new Set(
    ranked.flatMap(({ type, prediction }) =>
      prediction === undefined
        ? []
        : [stepsText(frame.format, stepWords(type, prediction.unit), prediction.horizonSteps)],
    ),
  );
  const [horizon] = horizons;
  return {
    shell: frame.shell,
    opening: openingOf({
      likely: ranked.filter(isLikelyToFail).length,
      byModel: ranked.filter(({ prediction }) => prediction?.fallback === false).length,
      all: ranked.length,
    }),
    sub: subOf(plant.machines.length, ranked.length),
    horizon: horizons.size === 1 && horizon !== undefined ? horizon : "its horizon",
    rows,
    paging: {
      nextHref:
        start + PAGE < ranked.length
          ? withQuery(paths.predictions, { cursor: start + PAGE })
          : undefined,
      countText: counted(rows.length, "prediction"),
    },
  };
}

/** What the list comes to. Pure. */
export function openingOf(of: { likely: number; byModel: number; all: number }): string {
  const { likely, byModel, all } = of;
  if (all === 0) return "No prediction yet";
  if (byModel === 0) return "Only rules watch so far";
  if (likely === 0) return "No failure is likely";
  return `${counted(likely, "asset")} may fail soon`;
}

function subOf(machines: number, predicted: number): string {
  const without = machines - predicted;
  if (predicted === 0) return "Assets are scored every hour, once they have sensors and history.";
  const all = `${counted(predicted, "asset")} ${predicted === 1 ? "is" : "are"} scored.`;
  return without <= 0 ? all : `${all} ${counted(without, "asset")} not yet.`;
}
