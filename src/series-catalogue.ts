import { AppError } from "./domain/error.ts";
import { type AtLeast, READ_LIMITS, type ReadingReads } from "./domain/reading-store.ts";
import type { SeriesEntry } from "./domain/series.ts";
import type { SeriesCatalogue } from "./domain/series-catalogue.ts";

/** Series remembered at most, over all tenants; about 600 bytes each. */
const REMEMBERED = 300_000;

type Known = { readonly series: Map<number, SeriesEntry>; newestNo: number };

/**
 * Remembers tenants' series and asks the store only for what came since: numbers rise and a series never
 * changes. Of more than REMEMBERED the tenants that were not asked for longest are forgotten.
 */
export function createSeriesCatalogue(
  readings: Pick<ReadingReads, "seriesInfo">,
  remembered = REMEMBERED,
): SeriesCatalogue {
  /** In order of last use. */
  const tenants = new Map<number, Known>();

  async function refresh(tenantNo: number, atLeast: AtLeast): Promise<Known> {
    const known = tenants.get(tenantNo) ?? { series: new Map(), newestNo: 0 };
    for (;;) {
      const afterSeriesNo = known.newestNo;
      const page = await readings.seriesInfo({ ...atLeast, tenantNo, afterSeriesNo });
      for (const { zone: _, ...entry } of page) {
        known.series.set(entry.seriesNo, entry);
        known.newestNo = Math.max(known.newestNo, entry.seriesNo);
      }
      if (page.length < READ_LIMITS.infoRows) break;
    }
    tenants.delete(tenantNo);
    tenants.set(tenantNo, known);
    forget();
    return known;
  }

  function forget(): void {
    let total = 0;
    for (const { series } of tenants.values()) total += series.size;
    for (const [tenantNo, { series }] of tenants) {
      if (total <= remembered) return;
      tenants.delete(tenantNo);
      total -= series.size;
    }
  }

  return {
    all: async (tenantNo, atLeast = {}) => (await refresh(tenantNo, atLeast)).series,
    async own(tenantNo, seriesNos, sequence) {
      const known = tenants.get(tenantNo)?.series;
      const isKnown = known !== undefined && seriesNos.every((no) => known.has(no));
      const atLeast = async () => (sequence ? { atLeastSequence: await sequence() } : {});
      const series = isKnown ? known : (await refresh(tenantNo, await atLeast())).series;
      return seriesNos.map((no) => {
        const entry = series.get(no);
        if (entry === undefined) throw new AppError("not-found", `no series ${no}`);
        return entry;
      });
    },
  };
}
