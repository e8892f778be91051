import { Type } from "@sinclair/typebox";
import { AssetList, type AssetRow, AssetsPage } from "../../views/pages/assets.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { ASSET_STATES } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import { ASSET_MODES, type Asset, type AssetPatch, CRITICALITIES } from "../domain/asset.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html, redirect } from "../lib/reply.ts";
import { assetPage } from "./asset-page.tsx";
import { type AssetsFilter, filterMachines, pathOf, treeOf } from "./asset-rows.ts";
import type { WebDeps } from "./deps.ts";
import { readAmount, valuesOfForm } from "./form.ts";
import { nextWork, tallyOf, workText } from "./now.tsx";
import { readPlant } from "./plant.ts";
import { keySensor, predictionWords } from "./prediction-words.ts";
import { frameOf } from "./shell.ts";
import { readSparks } from "./sparks.ts";
import { counted } from "./trust.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const field = Type.Optional(Type.String({ maxLength: 200 }));
const QUERY = Type.Object({
  branch: field,
  q: field,
  state: field,
  type: field,
  criticality: field,
  cursor: field,
});
const COSTS = Type.Object({
  downtime_cost_per_hour: field,
  repair_cost: field,
  failure_cost: field,
  criticality: field,
  mode: field,
});
const PAGE = 50;

type Context = RouteContext<unknown, unknown, unknown>;
type Query = Readonly<Record<string, string | undefined>>;

/** Tree and table of assets, one asset, and its costs. */
export function assetsRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.assets,
      summary: "Assets as tree and table.",
      query: QUERY,
      handle: async (context) => {
        const props = await listProps(deps, context, context.query);
        return html(context.isPart ? AssetList(props) : AssetsPage(props));
      },
    }),
    route({
      ...read,
      path: "/assets/:id",
      summary: "One asset: state, health, forecast, sensors, work and money.",
      params: ID,
      query: Type.Object({ signal: field, range: field }),
      handle: (context) => assetPage(deps, context, context.params.id, context.query),
    }),
    route({
      surface: "page",
      permission: "asset:write",
      method: "POST",
      path: "/assets/:id/costs",
      summary: "Sets costs, criticality and mode of an asset.",
      params: ID,
      body: COSTS,
      handle: (context) => saveCosts(deps, context, context.params.id, context.body),
    }),
  ];
}

function filterOf(query: Query): AssetsFilter {
  return {
    q: query.q ?? "",
    state: ASSET_STATES.find((state) => state === query.state) ?? "",
    type: query.type ?? "",
    criticality: query.criticality ?? "",
    branch: query.branch ?? "",
  };
}

async function listProps(deps: WebDeps, context: Context, query: Query) {
  const { caller } = context;
  const [frame, plant, work] = await Promise.all([
    frameOf(deps, context),
    readPlant(deps, caller),
    deps.stores.work.list(caller, { view: "open", limit: 1_000 }),
  ]);
  const filter = filterOf(query);
  const found = filterMachines(plant, filter);
  const start = Math.max(0, Number.parseInt(query.cursor ?? "0", 10) || 0);
  const shown = found.slice(start, start + PAGE);
  const keys = shown.map((machine) => keySensor(machine)?.id ?? "");
  const sparks = await readSparks(deps, plant, keys, frame.nowUs);
  const rows = shown.map((machine): AssetRow => {
    const order = nextWork(work.items, machine.asset.id);
    return {
      asset: machine.ref,
      typeName: machine.type?.name ?? "no type",
      mark: machine.mark,
      health: machine.health,
      chance: predictionWords(frame.format, machine, machine.prediction)?.chance,
      spark: sparks(keySensor(machine)?.id),
      criticality: machine.asset.criticality,
      nextWork: order === undefined ? "none" : workText(frame, order),
    };
  });
  const used = new Set(plant.machines.map(({ asset }) => asset.typeId));
  const { healthy } = tallyOf(plant.machines);
  const crumbs = pathOf(plant.assets, filter.branch);
  const count = plant.machines.length;
  return {
    shell: frame.shell,
    opening:
      count === 0
        ? ""
        : `${healthy} of ${counted(count, "asset")} ${healthy === 1 ? "is" : "are"} healthy.`,
    tree: treeOf(plant, filter.branch),
    rows,
    filter: { ...filter, branchName: branchNameOf(crumbs.at(-1)) },
    types: [...plant.types.values()]
      .filter(({ id }) => used.has(id))
      .map(({ id, name }) => ({ value: id, label: name })),
    crumbs: crumbs.map(({ id, name, key }) => ({ id, name: name || key })),
    paging: {
      nextHref:
        start + PAGE < found.length
          ? withQuery(paths.assets, { ...filter, cursor: start + PAGE })
          : undefined,
      countText: countText(start, shown.length, found.length),
    },
    mayImport: mayUse("ingest:write", caller),
    isEmptyPlant: plant.assets.size === 0,
  };
}

function branchNameOf(place: Asset | undefined): string {
  return place === undefined ? "a place that is gone" : place.name || place.key;
}

function countText(start: number, shown: number, all: number): string {
  return shown === all
    ? counted(all, "asset")
    : `${start + 1} to ${start + shown} of ${all} assets`;
}

const AMOUNTS = {
  failure_cost: "failureCost",
  repair_cost: "repairCost",
  downtime_cost_per_hour: "downtimeCostPerHour",
} as const;

/** What the form says, or one sentence for each wrong field. Pure. */
export function readCosts(
  form: Query,
): { readonly patch: AssetPatch } | { readonly errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  const amounts: Partial<Record<(typeof AMOUNTS)[keyof typeof AMOUNTS], number | undefined>> = {};
  for (const name of ["failure_cost", "repair_cost", "downtime_cost_per_hour"] as const) {
    const amount = readAmount(form[name]);
    if (amount === "wrong")
      errors[name] = "Write an amount such as 1400, or leave it empty if it is not known.";
    else amounts[AMOUNTS[name]] = amount;
  }
  const criticality = CRITICALITIES.find((one) => one === form.criticality);
  if (criticality === undefined) errors.criticality = "Choose A, B or C.";
  const mode = ASSET_MODES.find((one) => one === form.mode);
  if (mode === undefined) errors.mode = "Choose how it is used now.";
  if (Object.keys(errors).length > 0 || criticality === undefined || mode === undefined)
    return { errors };
  return { patch: { ...amounts, criticality, mode } };
}

async function saveCosts(
  deps: WebDeps,
  context: Context,
  id: string,
  form: Query,
): Promise<Response> {
  const read = readCosts(form);
  const values = valuesOfForm(form);
  if ("errors" in read)
    return assetPage(
      deps,
      context,
      id,
      {},
      { costs: { values, errors: read.errors }, status: 422 },
    );
  try {
    await deps.stores.assets.update(context.caller, id, read.patch, {
      version: context.version,
      idempotencyKey: context.idempotencyKey,
    });
    return redirect(paths.asset(id));
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== "conflict" && error.code !== "invalid"))
      throw error;
    const status = error.code === "conflict" ? 409 : 422;
    const costs = { values, errors: { "": error.message } };
    return assetPage(deps, context, id, {}, { costs, status });
  }
}
