import type { AtLeast } from "./reading-store.ts";
import type { SeriesEntry } from "./series.ts";

/** Series of one tenant by number, in rising order. */
export type TenantSeries = ReadonlyMap<number, SeriesEntry>;

/** What series a tenant has, without asking the stores each time. Never shows another tenant's. */
export type SeriesCatalogue = {
  /** All series of a tenant that are stored, at least up to the sequence named. */
  all(tenantNo: number, atLeast?: AtLeast): Promise<TenantSeries>;
  /**
   * Those of the numbers that the tenant has, in the order asked for. `sequence` is asked for what the
   * store must hold when a number is not known yet.
   * @throws AppError "not-found" that names the first that it does not have.
   */
  own(
    tenantNo: number,
    seriesNos: readonly number[],
    sequence?: () => Promise<number>,
  ): Promise<SeriesEntry[]>;
};
