import type { AssetRef, Option } from "../../views/ui/model.ts";
import { AppError } from "../domain/error.ts";
import type { RouteContext } from "../domain/route.ts";
import { type Finding, WORK_PRIORITIES, type WorkOrder } from "../domain/work-order.ts";
import type { WebDeps } from "./deps.ts";
import type { Plant } from "./plant.ts";

/** The request of any page of work. */
export type Context = RouteContext<unknown, unknown, unknown>;
/** A form as it was sent. */
export type Form = Readonly<Record<string, string | undefined>>;

/** Priorities to choose from. */
export const PRIORITIES: readonly Option[] = WORK_PRIORITIES.map((value) => ({
  value,
  label: value,
}));

/**
 * The caller's order of that id.
 * @throws AppError "not-found".
 */
export async function orderOf(deps: WebDeps, context: Context, id: string): Promise<WorkOrder> {
  const order = await deps.stores.work.get(context.caller, id);
  if (order === undefined) throw new AppError("not-found", `no work order ${id}`);
  return order;
}

/** The asset that an order is for. */
export function refOf(plant: Plant, assetId: string): AssetRef {
  const asset = plant.assets.get(assetId);
  return { id: assetId, tag: asset?.key ?? "", name: asset?.name ?? "an asset that is gone" };
}

/** Whether it should have begun. */
export function isLate(order: WorkOrder, nowUs: number): boolean {
  const isOpen = order.status !== "done" && order.status !== "cancelled";
  return isOpen && order.plannedAtUs !== undefined && order.plannedAtUs < nowUs;
}

/** What was found, in words. */
export function findingText(finding: Finding): string {
  return { failure: "failure found", nothing: "nothing found", planned: "planned work" }[finding];
}
