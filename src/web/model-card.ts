import type { ModelCard, ReadableTree } from "../domain/model.ts";
import type { ModelRow } from "../domain/model-store.ts";

/** The card of a registered model; undefined when what is kept has another shape. Pure. */
export function cardOf(row: ModelRow | undefined): ModelCard | undefined {
  const { card } = metricsOf(row);
  const isCard =
    typeof card === "object" && card !== null && Array.isArray((card as { life?: unknown }).life);
  return isCard ? (card as ModelCard) : undefined; // written by the training job as this type
}

/** The tree that imitates a model, for reading; undefined when there is none. Pure. */
export function readableOf(row: ModelRow): ReadableTree | undefined {
  const { readable } = metricsOf(row);
  const isTree =
    typeof readable === "object" &&
    readable !== null &&
    typeof (readable as { kind?: unknown }).kind === "string";
  return isTree ? (readable as ReadableTree) : undefined; // written by the training job as this type
}

function metricsOf(row: ModelRow | undefined): { card?: unknown; readable?: unknown } {
  const metrics = row?.metrics;
  return typeof metrics === "object" && metrics !== null ? metrics : {};
}
