import type { Actor, Change } from "./actor.ts";
import { type PlacementPattern, place } from "./placement.ts";
import { type SeriesIdentity, sensorNameOf } from "./series.ts";

/** A pattern that places series to come; of several the oldest that fits is followed. */
export type PlacementRule = PlacementPattern & {
  readonly id: string;
  /** Only series whose device or sensor name holds this text; undefined = all. */
  readonly query: string | undefined;
  readonly createdAtUs: number;
  readonly createdBy: string;
  readonly version: number;
};

export type NewPlacementRule = PlacementPattern & { readonly query?: string | undefined };

export type PlacementRuleStore = {
  /** Oldest first. */
  list(who: Actor): Promise<readonly PlacementRule[]>;
  /** @throws AppError "invalid" for a pattern that is none, or one rule too many. */
  create(who: Actor, input: NewPlacementRule, change?: Change): Promise<PlacementRule>;
  remove(who: Actor, id: string, change?: Change): Promise<void>;
};

/** Rules that a tenant may have: each is tried on each new series. */
export const PLACEMENT_RULES_MAX = 50;

type Rule = Pick<PlacementRule, "asset" | "sensor" | "query">;
type Series = Pick<SeriesIdentity, "measurement" | "tags" | "field"> & {
  readonly deviceKey: string;
};

/** Where the first rule that fits puts a new series; undefined when none fits. */
export function placedBy(
  rules: readonly Rule[],
  series: Series,
): { readonly assetKey: string; readonly sensorName: string } | undefined {
  const names = [series.deviceKey, sensorNameOf(series.tags, series.field)];
  for (const rule of rules) {
    const query = rule.query?.toLowerCase();
    if (query !== undefined && !names.some((name) => name.toLowerCase().includes(query))) continue;
    const placement = place(rule, series);
    if (!("missing" in placement)) return placement;
  }
  return undefined;
}
