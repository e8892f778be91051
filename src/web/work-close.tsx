import { WorkClosePage } from "../../views/pages/work-close.tsx";
import { paths } from "../../views/paths.ts";
import type { FormState } from "../../views/ui/model.ts";
import { AppError } from "../domain/error.ts";
import { FINDINGS, type Finding, type WorkOrder } from "../domain/work-order.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { readAmount, valuesOfForm } from "./form.ts";
import { readPlant } from "./plant.ts";
import { frameOf } from "./shell.ts";
import { type Context, type Form, refOf } from "./work-parts.ts";

/** The close-out of an order: first what was found, then which. */
export async function closePage(
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

/** Closes an order, or shows the form again with what is wrong. */
export async function closeOrder(deps: WebDeps, context: Context, order: WorkOrder, form: Form) {
  const finding = FINDINGS.find((one): one is Finding => one === form.finding);
  const errors: Record<string, string> = {};
  if (finding === undefined) errors.finding = "Say what was found.";
  if (finding === "failure" && !form.failure_mode_id && !form.failure_mode_new?.trim())
    errors.failure_mode_id = "Choose what failed, or write it.";
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
