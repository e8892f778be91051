import { Type } from "@sinclair/typebox";
import { type WorkCard, WorkPage } from "../../views/pages/work.tsx";
import { paths } from "../../views/paths.ts";
import { mayUse } from "../domain/access.ts";
import { type Route, route } from "../domain/route.ts";
import type { Severity } from "../domain/rule.ts";
import { FINDINGS, type Finding, type WorkOrder } from "../domain/work-order.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { type Plant, readPlant } from "./plant.ts";
import { type Frame, frameOf } from "./shell.ts";
import { closeOrder, closePage } from "./work-close.tsx";
import { changeOrder, createOrder, newPage, orderPage } from "./work-order.tsx";
import { type Context, findingText, isLate, orderOf, refOf } from "./work-parts.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const write = { surface: "page", permission: "work:write" } as const;
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const field = Type.Optional(Type.String({ maxLength: 10_000 }));
const WEEK_US = 7 * 86_400_000_000;
const LANE_CARDS = 50;
/** Where an order comes from, in words; nothing for one that a person asked for. */
const ORIGIN: Readonly<Record<WorkOrder["origin"], string>> = {
  person: "",
  alert: "from an alarm",
  prediction: "from a prediction",
  import: "imported",
};

/** Work: board, one order, a new one, its close-out. */
export function workRoutes(deps: WebDeps): Route[] {
  return [...pages(deps), ...closePages(deps), ...acts(deps)];
}

function pages(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.work,
      summary: "Work by status.",
      query: Type.Object({ view: field }),
      handle: async (context) =>
        html(WorkPage(await boardProps(deps, context, context.query.view))),
    }),
    route({
      ...write,
      method: "GET",
      path: paths.workNew,
      summary: "A new work order.",
      query: Type.Object({ asset: field, alarm: field, prediction: field }),
      handle: async (context) => {
        const { asset, alarm, prediction } = context.query;
        const alert = alarm && (await deps.stores.alerts.get(context.caller, alarm));
        const values = {
          asset_id: asset ?? "",
          alert_id: alarm ?? "",
          prediction_id: prediction ?? "",
          priority: "normal",
          title: alert ? alert.ruleName : "",
        };
        return newPage(deps, context, { values, errors: {} }, 200);
      },
    }),
    route({
      ...read,
      path: "/work/:id",
      summary: "One work order.",
      params: ID,
      handle: async (context) => {
        const order = await orderOf(deps, context, context.params.id);
        return orderPage(deps, context, order, { values: {}, errors: {} }, 200);
      },
    }),
  ];
}

function closePages(deps: WebDeps): Route[] {
  return [
    route({
      ...write,
      method: "GET",
      path: "/work/:id/close",
      summary: "The close-out: what was found.",
      params: ID,
      query: Type.Object({ finding: field }),
      handle: async (context) => {
        const order = await orderOf(deps, context, context.params.id);
        const finding = FINDINGS.find((one): one is Finding => one === context.query.finding);
        return closePage(deps, context, order, finding, { values: {}, errors: {} }, 200);
      },
    }),
    route({
      ...write,
      method: "POST",
      path: "/work/:id/close",
      summary: "Closes a work order with what was found.",
      params: ID,
      body: Type.Object({
        finding: field,
        failure_mode_id: field,
        failure_mode_new: field,
        hours: field,
        cost: field,
        notes: field,
      }),
      handle: async (context) => {
        const order = await orderOf(deps, context, context.params.id);
        return closeOrder(deps, context, order, context.body);
      },
    }),
  ];
}

function acts(deps: WebDeps): Route[] {
  return [
    route({
      ...write,
      method: "POST",
      path: paths.work,
      summary: "Asks for work.",
      body: Type.Object({
        asset_id: field,
        title: field,
        description: field,
        priority: field,
        assignee: field,
        planned_at: field,
        alert_id: field,
        prediction_id: field,
      }),
      handle: (context) => createOrder(deps, context, context.body),
    }),
    route({
      ...write,
      method: "POST",
      path: "/work/:id",
      summary: "Changes a work order, or moves it.",
      params: ID,
      body: Type.Object({
        title: field,
        description: field,
        priority: field,
        assignee: field,
        planned_at: field,
        status: field,
      }),
      handle: async (context) => {
        const order = await orderOf(deps, context, context.params.id);
        return changeOrder(deps, context, order, context.body);
      },
    }),
  ];
}

function cardOf(
  frame: Frame,
  plant: Plant,
  order: WorkOrder,
  severity: Severity | undefined,
): WorkCard {
  const foot = [
    ORIGIN[order.origin],
    order.plannedAtUs === undefined ? undefined : frame.format.dayClock(order.plannedAtUs).text,
    order.assignee,
    order.closeOut && findingText(order.closeOut.finding),
  ];
  return {
    id: order.id,
    number: `WO-${order.number}`,
    title: order.title,
    asset: refOf(plant, order.assetId),
    severity,
    foot: foot.flatMap((text) => (text === undefined || text === "" ? [] : [text])),
    late: isLate(order, frame.nowUs),
  };
}

async function boardProps(deps: WebDeps, context: Context, view: string | undefined) {
  const frame = await frameOf(deps, context);
  const { work, alerts } = deps.stores;
  const [plant, open, done, counts, active] = await Promise.all([
    readPlant(deps, context.caller),
    work.list(context.caller, { view: "open", limit: 500 }),
    work.list(context.caller, { view: "done", limit: 500 }),
    work.counts(context.caller),
    alerts.list(context.caller, { view: "active", limit: 1_000 }),
  ]);
  const severityOf = new Map(active.items.map((alert) => [alert.id, alert.severity]));
  const recent = done.items.filter((o) => (o.completedAtUs ?? 0) > frame.nowUs - WEEK_US);
  const lanes = (["requested", "planned", "in-progress", "done"] as const).map((status) => {
    const all = status === "done" ? recent : open.items.filter((order) => order.status === status);
    const cards = all
      .slice(0, LANE_CARDS)
      .map((order) => cardOf(frame, plant, order, severityOf.get(order.alertId ?? "")));
    return { status, count: status === "done" ? recent.length : counts[status], cards };
  });
  const late = open.items.filter((order) => isLate(order, frame.nowUs)).length;
  const total = open.items.length;
  const opening =
    total === 0
      ? "No open work"
      : `${total === 1 ? "1 open order" : `${total} open orders`}${late === 0 ? "" : `, ${late} late`}`;
  return {
    shell: frame.shell,
    opening,
    view: view === "list" ? ("list" as const) : ("board" as const),
    lanes,
    learned: learnedRows(done.items),
    learnedNote: "What close-outs say is what models learn from at the next training.",
    mayWrite: mayUse("work:write", context.caller),
  };
}

function learnedRows(done: readonly WorkOrder[]) {
  const origins = [
    ["alert", "From alarms"],
    ["prediction", "From predictions"],
    ["person", "Asked for by people"],
    ["import", "Imported"],
  ] as const;
  return origins.flatMap(([origin, label]) => {
    const own = done.filter((order) => order.origin === origin);
    if (own.length === 0) return [];
    const found = (finding: Finding) =>
      String(own.filter((order) => order.closeOut?.finding === finding).length);
    return [
      {
        origin: label,
        closed: String(own.length),
        failures: found("failure"),
        nothing: found("nothing"),
      },
    ];
  });
}
