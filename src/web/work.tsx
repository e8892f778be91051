import { Type } from "@sinclair/typebox";
import { type WorkCard, WorkPage } from "../../views/pages/work.tsx";
import { WorkClosePage } from "../../views/pages/work-close.tsx";
import { WorkNewPage } from "../../views/pages/work-new.tsx";
import { WorkOrderPage } from "../../views/pages/work-order.tsx";
import { paths } from "../../views/paths.ts";
import type { AssetRef, FormState, Option } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import type { Severity } from "../domain/rule.ts";
import {
  FINDINGS,
  type Finding,
  mayMove,
  WORK_PRIORITIES,
  WORK_STATUSES,
  type WorkOrder,
  type WorkStatus,
} from "../domain/work-order.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { readAmount, readLocalTime, valuesOfForm } from "./form.ts";
import { type Plant, readPlant } from "./plant.ts";
import { type Frame, frameOf } from "./shell.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const write = { surface: "page", permission: "work:write" } as const;
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const field = Type.Optional(Type.String({ maxLength: 10_000 }));
type Context = RouteContext<unknown, unknown, unknown>;
type Form = Readonly<Record<string, string | undefined>>;

const WEEK_US = 7 * 86_400_000_000;
const LANE_CARDS = 50;
const PRIORITIES: readonly Option[] = WORK_PRIORITIES.map((value) => ({ value, label: value }));
const STATUS_TEXT: Readonly<Record<WorkStatus, string>> = {
  requested: "asked for",
  planned: "planned",
  "in-progress": "in progress",
  done: "done",
  cancelled: "cancelled",
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

async function orderOf(deps: WebDeps, context: Context, id: string): Promise<WorkOrder> {
  const order = await deps.stores.work.get(context.caller, id);
  if (order === undefined) throw new AppError("not-found", `no work order ${id}`);
  return order;
}

function refOf(plant: Plant, assetId: string): AssetRef {
  const asset = plant.assets.get(assetId);
  return { id: assetId, tag: asset?.key ?? "", name: asset?.name ?? "an asset that is gone" };
}

function isLate(order: WorkOrder, nowUs: number): boolean {
  const isOpen = order.status !== "done" && order.status !== "cancelled";
  return isOpen && order.plannedAtUs !== undefined && order.plannedAtUs < nowUs;
}

function cardOf(
  frame: Frame,
  plant: Plant,
  order: WorkOrder,
  severity: Severity | undefined,
): WorkCard {
  const foot = [
    order.origin === "person"
      ? undefined
      : `from ${order.origin === "alert" ? "an alarm" : `a ${order.origin}`}`,
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

function findingText(finding: Finding): string {
  return { failure: "failure found", nothing: "nothing found", planned: "planned work" }[finding];
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

async function newPage(deps: WebDeps, context: Context, form: FormState, status: number) {
  const frame = await frameOf(deps, context);
  const plant = await readPlant(deps, context.caller);
  const assets = plant.machines
    .map(({ asset }) => ({ value: asset.id, label: `${asset.key} ${asset.name}` }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const cause = form.values.alert_id
    ? "It comes from an alarm."
    : form.values.prediction_id
      ? "It comes from a prediction."
      : undefined;
  return html(
    WorkNewPage({ shell: frame.shell, form, assets, priorities: PRIORITIES, cause }),
    status,
  );
}

/** The fields that both forms have; errors name each that does not fit. */
function readFields(form: Form, zone: string) {
  const errors: Record<string, string> = {};
  const title = form.title?.trim() ?? "";
  if (title === "") errors.title = "Say what is to be done.";
  const plannedAtUs = form.planned_at ? readLocalTime(form.planned_at, zone) : undefined;
  if (form.planned_at && plannedAtUs === undefined)
    errors.planned_at = "Write a date and time, such as 2026-11-25 06:00.";
  const priority = WORK_PRIORITIES.find((one) => one === form.priority) ?? "normal";
  const assignee = form.assignee?.trim() || undefined;
  return {
    errors,
    fields: { title, description: form.description ?? "", priority, assignee, plannedAtUs },
  };
}

async function createOrder(deps: WebDeps, context: Context, form: Form): Promise<Response> {
  const frame = await frameOf(deps, context);
  const { errors, fields } = readFields(form, frame.zone);
  if (!form.asset_id) errors.asset_id = "Choose the asset.";
  if (Object.keys(errors).length > 0)
    return newPage(deps, context, { values: valuesOfForm(form), errors }, 422);
  const order = await deps.stores.work.create(
    context.caller,
    {
      ...fields,
      assetId: form.asset_id ?? "",
      alertId: form.alert_id || undefined,
      predictionId: form.prediction_id || undefined,
    },
    { idempotencyKey: context.idempotencyKey },
  );
  deps.live.changed(context.caller.tenantId, "work");
  return redirect(paths.workOrder(order.id));
}

async function changeOrder(deps: WebDeps, context: Context, order: WorkOrder, form: Form) {
  const change = { version: context.version, idempotencyKey: context.idempotencyKey };
  const { work } = deps.stores;
  try {
    const status = WORK_STATUSES.find((one) => one === form.status);
    if (status !== undefined) await work.move(context.caller, order.id, status, change);
    else {
      const frame = await frameOf(deps, context);
      const { errors, fields } = readFields(form, frame.zone);
      if (Object.keys(errors).length > 0)
        return orderPage(deps, context, order, { values: valuesOfForm(form), errors }, 422);
      await work.update(context.caller, order.id, fields, change);
    }
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    const now = await orderOf(deps, context, order.id);
    const state = { values: valuesOfForm(form), errors: { "": error.message } };
    return orderPage(deps, context, now, state, 409);
  }
  deps.live.changed(context.caller.tenantId, "work");
  return redirect(paths.workOrder(order.id));
}

async function orderPage(
  deps: WebDeps,
  context: Context,
  order: WorkOrder,
  form: FormState,
  status: number,
): Promise<Response> {
  const frame = await frameOf(deps, context);
  const plant = await readPlant(deps, context.caller);
  const { format, nowUs } = frame;
  const modes = await deps.stores.failureModes.list(context.caller);
  const at = (us: number | undefined) =>
    us === undefined ? "not known" : format.at(us, nowUs).title;
  const values = {
    title: order.title,
    description: order.description,
    priority: order.priority,
    assignee: order.assignee ?? "",
    planned_at: order.plannedAtUs === undefined ? "" : localText(order.plannedAtUs, frame.zone),
    ...form.values,
  };
  const close = order.closeOut;
  const mode = modes.find((one) => one.id === close?.failureModeId)?.name;
  const page = WorkOrderPage({
    shell: frame.shell,
    id: order.id,
    version: order.version,
    number: `WO-${order.number}`,
    title: order.title,
    description: order.description,
    status: order.status,
    statusText: STATUS_TEXT[order.status],
    late: isLate(order, nowUs),
    asset: refOf(plant, order.assetId),
    facts: [
      { label: "Priority", value: order.priority },
      { label: "Assigned to", value: order.assignee ?? "nobody" },
      {
        label: "Planned for",
        value: order.plannedAtUs === undefined ? "not planned" : at(order.plannedAtUs),
      },
      { label: "Asked for", value: `${at(order.createdAtUs)} by ${order.createdBy}` },
    ],
    cause:
      order.alertId !== undefined
        ? { href: paths.alarm(order.alertId), text: "the alarm it comes from" }
        : order.predictionId !== undefined
          ? { href: paths.prediction(order.predictionId), text: "the prediction it comes from" }
          : undefined,
    moves: WORK_STATUSES.filter((to) => to !== "done" && mayMove(order.status, to)),
    form: { values, errors: form.errors },
    priorities: PRIORITIES,
    closeOut: close && [
      {
        label: "Found",
        value: mode === undefined ? findingText(close.finding) : `failure: ${mode}`,
      },
      {
        label: "Hours",
        value: close.hours === undefined ? "not known" : format.number(close.hours, 1),
      },
      { label: "Cost", value: format.money(close.cost) },
      ...(close.notes === "" ? [] : [{ label: "Notes", value: close.notes }]),
    ],
    timeline: [
      { us: order.createdAtUs, title: "Asked for", detail: order.createdBy },
      { us: order.startedAtUs, title: "Begun", detail: "" },
      { us: order.completedAtUs, title: "Done", detail: close ? findingText(close.finding) : "" },
    ].flatMap(({ us, title, detail }) =>
      us === undefined
        ? []
        : [
            {
              at: format.at(us, nowUs),
              mark: { kind: "icon", icon: "work" } as const,
              title,
              detail,
            },
          ],
    ),
    mayWrite: mayUse("work:write", context.caller),
  });
  return html(page, status);
}

function localText(atUs: number, zone: string): string {
  const text = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "short",
  });
  return text.format(new Date(atUs / 1000)).replace(" ", "T");
}

async function closePage(
  deps: WebDeps,
  context: Context,
  order: WorkOrder,
  finding: Finding | undefined,
  form: FormState,
  status: number,
): Promise<Response> {
  const frame = await frameOf(deps, context);
  const plant = await readPlant(deps, context.caller);
  const typeId = plant.assets.get(order.assetId)?.typeId;
  const modes = await deps.stores.failureModes.list(context.caller, typeId);
  const page = WorkClosePage({
    shell: frame.shell,
    id: order.id,
    version: order.version,
    number: `WO-${order.number}`,
    title: order.title,
    asset: refOf(plant, order.assetId),
    finding,
    modes: modes.map((mode) => ({ value: mode.id, label: mode.name })),
    typeName: (typeId && plant.types.get(typeId)?.name) ?? "",
    form,
    currency: frame.tenant.currency,
  });
  return html(page, status);
}

/** The mode that was chosen, or the one that was written, made for the asset's type. */
async function modeIdOf(
  deps: WebDeps,
  context: Context,
  order: WorkOrder,
  form: Form,
): Promise<string | undefined> {
  const chosen = form.failure_mode_id;
  const written = form.failure_mode_new?.trim() ?? "";
  if (chosen || written === "") return chosen;
  const asset = await deps.stores.assets.get(context.caller, order.assetId);
  return (await deps.stores.failureModes.ensure(context.caller, written, asset?.typeId)).id;
}

async function closeOrder(deps: WebDeps, context: Context, order: WorkOrder, form: Form) {
  const finding = FINDINGS.find((one): one is Finding => one === form.finding);
  const errors: Record<string, string> = {};
  if (finding === undefined) errors.finding = "Say what was found.";
  if (finding === "failure" && !form.failure_mode_id)
    errors.failure_mode_id = "Choose what failed.";
  const hours = readAmount(form.hours);
  const cost = readAmount(form.cost);
  if (hours === "wrong") errors.hours = "Write hours as a number, such as 1.5.";
  if (cost === "wrong") errors.cost = "Write the cost as a number, such as 250.";
  const retry = (own: Record<string, string>, status: number) =>
    closePage(deps, context, order, finding, { values: valuesOfForm(form), errors: own }, status);
  if (
    finding === undefined ||
    hours === "wrong" ||
    cost === "wrong" ||
    Object.keys(errors).length > 0
  )
    return retry(errors, 422);
  try {
    const modeId = await modeIdOf(deps, context, order, form);
    await deps.stores.work.close(
      context.caller,
      order.id,
      {
        finding,
        failureModeId: finding === "failure" ? modeId : undefined,
        foundAtUs: undefined,
        hours,
        cost,
        notes: form.notes ?? "",
      },
      { version: context.version, idempotencyKey: context.idempotencyKey },
    );
  } catch (error) {
    if (!(error instanceof AppError && (error.code === "conflict" || error.code === "invalid")))
      throw error;
    return retry({ "": error.message }, error.code === "conflict" ? 409 : 422);
  }
  deps.live.changed(context.caller.tenantId, "work");
  return redirect(paths.workOrder(order.id));
}
