import type { SeriesEntry } from "../domain/series.ts";
import type { TenantSeries } from "../domain/series-catalogue.ts";
import { type Labels, labelOf, type Matcher, signature } from "./expression.ts";

/** A series as Prometheus sees it. */
export type NamedSeries = {
  readonly seriesNo: number;
  readonly labels: Labels;
  readonly firstAtUs: number;
};

const NAMED_MOST = 300_000;

/** The metric of a series: its measurement, with the field appended unless it is called "value". */
export function metricName({
  measurement,
  field,
}: Pick<SeriesEntry, "measurement" | "field">): string {
  const name = field === "value" ? measurement : `${measurement}_${field}`;
  return name.replace(/[^a-zA-Z0-9_:]/g, "_").replace(/^(?=\d|$)/, "_");
}

function labelName(tag: string): string {
  const name = tag.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=\d|$)/, "_");
  return name === "__name__" ? "tag___name__" : name;
}

/** Labels of a series: its tags in names that Prometheus takes, and the metric. */
export function labelsOf(entry: Pick<SeriesEntry, "measurement" | "field" | "tags">): Labels {
  const labels = new Map([["__name__", metricName(entry)]]);
  for (const [tag, value] of entry.tags) if (value !== "") labels.set(labelName(tag), value);
  return labels;
}

/** Whether labels fulfil every condition. */
export function matches(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matcher.matches(labelOf(labels, matcher.name)));
}

/**
 * Names tenants' series of numbers, and remembers it. Where two would have the same labels the one with
 * the higher number carries `series_no` as well.
 */
export function createNaming() {
  const tenants = new Map<
    number,
    { readonly named: NamedSeries[]; readonly taken: Set<string>; newestNo: number }
  >();
  return {
    of(tenantNo: number, series: TenantSeries): readonly NamedSeries[] {
      const known = tenants.get(tenantNo) ?? { named: [], taken: new Set<string>(), newestNo: 0 };
      for (const entry of fresh(series, known.named.length === 0 ? 0 : known.newestNo)) {
        known.newestNo = entry.seriesNo;
        if (entry.kind !== "numeric" && entry.kind !== "boolean") continue;
        const { seriesNo } = entry;
        const own = labelsOf(entry);
        const isTaken = known.taken.has(signature(own));
        const labels = isTaken ? new Map([...own, ["series_no", String(seriesNo)]]) : own;
        known.taken.add(signature(labels));
        known.named.push({ seriesNo, labels, firstAtUs: entry.firstAtUs });
      }
      tenants.delete(tenantNo);
      tenants.set(tenantNo, known);
      let total = 0;
      for (const { named } of tenants.values()) total += named.length;
      for (const [other, { named }] of tenants) {
        if (total <= NAMED_MOST) break;
        tenants.delete(other);
        total -= named.length;
      }
      return known.named;
    },
  };
}

/** Series behind a number; they lie in rising order. */
function fresh(series: TenantSeries, afterNo: number): SeriesEntry[] {
  const all = [...series.values()];
  let from = all.length;
  while (from > 0 && (all[from - 1]?.seriesNo ?? 0) > afterNo) from--;
  return all.slice(from);
}
