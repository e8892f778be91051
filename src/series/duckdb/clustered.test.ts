import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ReadingColumns } from "../../domain/reading.ts";
import { clusteredBySeries } from "./clustered.ts";

type Row = readonly [series: number, atUs: number, value: number];

/** Columns longer than what counts, as the fold hands them over. */
const columnsOf = (rows: readonly Row[]): ReadingColumns => ({
  count: rows.length,
  series: Uint32Array.from([...rows.map(([no]) => no), 99]),
  atUs: Float64Array.from([...rows.map(([, at]) => at), 99]),
  value: Float64Array.from([...rows.map(([, , value]) => value), 99]),
});

const rowsOf = ({ count, series, atUs, value }: ReadingColumns) =>
  Array.from({ length: count }, (_, i) => [series[i], atUs[i], value[i]]);

test("rows come by series, those of one series as they came, and none is lost", () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat(), fc.double());
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 4 }), (batches) => {
      const expected = batches.flat().toSorted(([a], [b]) => a - b); // stable
      expect(rowsOf(clusteredBySeries(batches.map(columnsOf)))).toEqual(
        expected.map((one) => [...one]),
      );
    }),
  );
});
