import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Dialect } from "../domain/engine.ts";
import type { SeriesEntry, SeriesKind } from "../domain/series.ts";
import { Dictionary, KeyTable, lineHead, lineValue, Rows, Scanner, startJob } from "./index.ts";

/** What a scanner makes of the text: series, and rows with their texts. */
function scanned(text: string, dialect: Dialect) {
  const rows = new Rows(4);
  const scanner = new Scanner(new Dictionary(100), new KeyTable());
  const body = new TextEncoder().encode(text).slice().buffer;
  const request = { tenantNo: 1, sourceNo: 1, dialect, precision: "us", receivedAtUs: 1 } as const;
  const job = startJob({ ...request, body }, rows, scanner.entries);
  while (!scanner.scan(job, rows, 1 << 20));
  const entries = scanner.takeEntries();
  const frame = rows.frame();
  return { entries, value: frame.value[0], text: frame.texts[0]?.text, errors: job.errors };
}

const name = fc
  .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...'ab, =\\"é#💡') })
  .filter((text) => text.trim() !== "");
const names = fc.record({
  measurement: name,
  tags: fc
    .uniqueArray(fc.tuple(name, name), { maxLength: 3, selector: ([key]) => key })
    .map((tags) => tags.sort(([a], [b]) => (a < b ? -1 : 1))),
  field: name,
});
type Said = { kind: SeriesKind; value: number; text: string | undefined };
const value: fc.Arbitrary<Said> = fc.oneof(
  fc.double({ noNaN: true }).map((v): Said => ({ kind: "numeric", value: v, text: undefined })),
  fc
    .oneof(
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    )
    .map((n): Said => ({ kind: "numeric", value: Number(n), text: String(n) })),
  fc
    .tuple(fc.bigInt({ min: 10n ** 20n + 1n, max: 10n ** 21n }), fc.integer({ min: 1, max: 30 }))
    .map(([digits, power]) => `0.${digits - (digits % 10n) + 1n}e-${power}`)
    .map((text): Said => ({ kind: "numeric", value: Number(text), text })),
  fc.boolean().map((b): Said => ({ kind: "boolean", value: b ? 1 : 0, text: undefined })),
  fc
    .string({ unit: fc.constantFrom(..."ab, =\\\"é#💡\n\r\t'n") })
    .map((text): Said => ({ kind: "state", value: Number.NaN, text })),
);

test("what is written is read back as it was; what a dialect cannot say, the other can", () => {
  fc.assert(
    fc.property(names, value, (series, said) => {
      let isSaid = false;
      for (const dialect of ["influx", "questdb"] as const) {
        const head = lineHead(series, dialect);
        const written = lineValue(said.kind, said.value, said.text, dialect);
        if (head === undefined || written === undefined) continue;
        isSaid = true;
        const back = scanned(`${head}${written} 1700000000000000\n`, dialect);
        expect(back.errors).toEqual([]);
        expect(back.entries).toHaveLength(1);
        const [entry] = back.entries as [SeriesEntry]; // one, as was just checked
        expect(entry).toMatchObject({ ...series, kind: said.kind });
        expect(Object.is(back.value, said.value)).toBe(true);
        expect(back.text).toBe(said.text);
      }
      // Only names and a value that each need another dialect are left.
      const isOdd = lineHead(series, "influx") === undefined;
      const isHuge = lineValue(said.kind, said.value, said.text, "questdb") === undefined;
      expect(isSaid).toBe(!(isOdd && isHuge));
    }),
    { numRuns: 2_000 },
  );
});
