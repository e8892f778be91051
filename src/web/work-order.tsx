import { WorkNewPage } from "../../views/pages/work-new.tsx";
import { WorkOrderPage } from "../../views/pages/work-order.tsx";
import { paths } from "../../views/paths.ts";
import type { FormState } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import {
  mayMove,
  WORK_PRIORITIES,
  WORK_STATUSES,
  type WorkOrder,
  type WorkStatus,
} from "../domain/work-order.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { readLocalTime, valuesOfForm } from "./form.ts";
import { readPlant } from "./plant.ts";
import { frameOf } from "./shell.ts";
import {
  type Context,
  type Form,
  findingText,
  isLate,
  orderOf,
  PRIORITIES,
  refOf,
} from "./work-parts.ts";

const STATUS_TEXT: Readonly<Record<WorkStatus, string>> = {
  requested: "asked for",
  planned: "planned",
  "in-progress": "in progress",
  done: "done",
  cancelled: "cancelled",
};

/** The form of a new order. */
export async function newPage(deps: WebDeps, context: Context, form: FormState, status: number) {
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

/** Makes an order, or shows the form again. */
export async function createOrder(deps: WebDeps, context: Context, form: Form): Promise<Response> {
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

/** Changes or moves an order, or shows it again with what is wrong. */
export async function changeOrder(deps: WebDeps, context: Context, order: WorkOrder, form: Form) {
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

/** One order as a page. */
export async function orderPage(
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
