import type { Actor } from "./actor.ts";
import { AppError } from "./error.ts";
import { type SeriesIdentity, sensorNameOf } from "./series.ts";
import type { Adoption, SeriesRow, SeriesStore } from "./series-store.ts";

/** Where series of the inbox go, written once for many: "Line {line}" and "{sensor} {axis}". */
export type PlacementPattern = {
  readonly asset: string;
  readonly sensor: string;
};

/** What a pattern makes of a series, or the names that the series does not have. */
export type Placement =
  | { readonly assetKey: string; readonly sensorName: string }
  | { readonly missing: readonly string[] };

export type PlacedSeries = { readonly seriesNo: number; readonly placement: Placement };

type Named = Pick<SeriesIdentity, "measurement" | "tags" | "field"> & {
  readonly deviceKey: string;
};

/** Series that one pattern places at once. */
export const PLACEMENTS_MAX = 10_000;
/** Longest pattern, in characters. */
export const PATTERN_LENGTH_MAX = 200;

/** What `{asset}` and `{sensor}` stand for when no tag has that name. */
function namedValue(series: Named, name: string): string | undefined {
  const tag = series.tags.find(([key]) => key === name)?.[1];
  if (tag !== undefined) return tag;
  if (name === "measurement") return series.measurement;
  if (name === "field") return series.field;
  if (name === "asset") return series.deviceKey;
  if (name === "sensor") return sensorNameOf(series.tags, series.field);
  return undefined;
}

/**
 * Puts a series' tags, `{measurement}`, `{field}`, `{asset}` and `{sensor}` into both texts. A tag goes before
 * one of these words; without such tags, asset and sensor are what the device calls them.
 */
export function place(pattern: PlacementPattern, series: Named): Placement {
  const missing = new Set<string>();
  const fill = (text: string) =>
    text
      .replace(/\{([^{}]+)\}/g, (_whole, name: string) => {
        const value = namedValue(series, name.trim())?.trim() ?? "";
        if (value === "") missing.add(name.trim());
        return value;
      })
      .trim();
  const assetKey = fill(pattern.asset);
  const sensorName = fill(pattern.sensor);
  return missing.size > 0 ? { missing: [...missing] } : { assetKey, sensorName };
}

/** @throws AppError "invalid" when a text is empty, too long, or has a brace without its other. */
export function checkPattern(pattern: PlacementPattern): void {
  for (const [what, text] of Object.entries(pattern)) {
    if (text.trim() === "") throw new AppError("invalid", `the pattern of the ${what} is empty`);
    if (text.length > PATTERN_LENGTH_MAX)
      throw new AppError(
        "invalid",
        `the pattern of the ${what} is over ${PATTERN_LENGTH_MAX} characters`,
      );
    if (/[{}]/.test(text.replace(/\{[^{}]+\}/g, "")))
      throw new AppError(
        "invalid",
        `the pattern of the ${what} has a brace without its other: write {tag}`,
      );
  }
}

/**
 * What a pattern would do with everything that waits, without doing it. `isWhole` is false when more wait
 * than are looked at.
 */
export async function placementsOf(
  store: Pick<SeriesStore, "list">,
  who: Actor,
  pattern: PlacementPattern,
  query: string | undefined,
): Promise<{ readonly items: readonly PlacedSeries[]; readonly isWhole: boolean }> {
  const { asset, sensor } = pattern;
  checkPattern({ asset, sensor });
  const items: PlacedSeries[] = [];
  let after: string | undefined;
  do {
    const limit = Math.min(1000, PLACEMENTS_MAX - items.length);
    const page = await store.list(who, { status: "inbox", limit, after, query });
    for (const row of page.items)
      items.push({ seriesNo: row.seriesNo, placement: place(pattern, row satisfies SeriesRow) });
    after = page.next;
  } while (after !== undefined && items.length < PLACEMENTS_MAX);
  return { items, isWhole: after === undefined };
}

/** The adoptions of those that the pattern places. */
export function adoptionsOf(items: readonly PlacedSeries[]): Adoption[] {
  return items.flatMap(({ seriesNo, placement }) =>
    "missing" in placement ? [] : [{ seriesNo, ...placement }],
  );
}
