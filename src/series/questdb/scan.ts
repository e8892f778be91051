import { oneOf, timeLiteral } from "./schema.ts";
import type { Row, Wire } from "./wire.ts";

/** Rows of one answer: QuestDB has no cursors, so a long result is asked for in parts. */
const PAGE_ROWS = 50_000;
/** Series numbers in one condition. */
const SERIES_MOST = 2_000;

/**
 * Rows of [fromUs, toUs) of these series, each `time, series, …columns`, in order of time for each
 * series. One part begins where the last ended; a (time, series) is in a table once.
 */
export async function scanRows(
  wire: Wire,
  request: {
    readonly table: string;
    readonly columns: string;
    readonly where: string;
    readonly seriesNos: readonly number[];
    readonly fromUs: number;
    readonly toUs: number;
  },
  take: (row: Row, atUs: number, seriesNo: number) => void,
): Promise<void> {
  for (let at = 0; at < request.seriesNos.length; at += SERIES_MOST)
    await scanPart(wire, request, request.seriesNos.slice(at, at + SERIES_MOST), take);
}

async function scanPart(
  wire: Wire,
  request: Omit<Parameters<typeof scanRows>[1], "seriesNos">,
  seriesNos: readonly number[],
  take: (row: Row, atUs: number, seriesNo: number) => void,
): Promise<void> {
  const { table, columns, where, toUs } = request;
  const condition = `${oneOf("series", seriesNos)} and ${where}`;
  const until = timeLiteral(toUs);
  let from = timeLiteral(request.fromUs);
  while (Number(from) < Number(until)) {
    const rows = await wire.query(
      `select ts::long, series, ${columns} from ${table}
       where ${condition} and ts >= ${from} and ts < ${until} order by ts limit ${PAGE_ROWS}`,
    );
    const isLast = rows.length < PAGE_ROWS;
    // The last time of a full part may go on in the next.
    const next = isLast ? undefined : String(rows.at(-1)?.[0]);
    for (const row of rows) {
      if (row[0] === next) break;
      take(row, Number(row[0]), Number(row[1]));
    }
    if (next === undefined) return;
    from = next;
  }
}
