import { expect, test } from "bun:test";
import fc from "fast-check";
import { THIN } from "../format.ts";
import { PartList, signed } from "./parts.tsx";
import { roundToTotal } from "./rounding.ts";

test.each([
  ["fractions go to the largest remainders", [31.3, 13.9, 11.6, 6.2, 3], 66, [31, 14, 12, 6, 3]],
  ["thirds of ten", [10 / 3, 10 / 3, 10 / 3], 10, [4, 3, 3]],
  ["a lowering part keeps its sign", [4.1, 26.8, -3.9], 27, [4, 27, -4]],
  ["nothing to share", [], 0, []],
  ["a total below the parts takes back", [1.5, 1.5], 2, [1, 1]],
])("rounding: %s", (_name, values, total, shown) => {
  expect(roundToTotal(values, total)).toEqual(shown);
});

test("shown parts sum to the shown total, and none is off by more than a step", () => {
  const value = fc.double({ min: -1_000, max: 1_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 12 }), (values) => {
      const total = values.reduce((a, b) => a + b, 0);
      const shown = roundToTotal(values, total);
      expect(shown.reduce((a, b) => a + b, 0)).toBe(Math.round(total) + 0);
      shown.forEach((part, i) => {
        expect(Math.abs(part - (values[i] ?? 0))).toBeLessThan(1 + 1e-6);
      });
    }),
  );
});

/** Every number in the value column of a rendered list, the sum last. */
function numbers(html: string): number[] {
  return [...html.matchAll(/class="v">([^<]*)</g)].map((found) =>
    Number((found[1] ?? "").replace("\u2212", "-").replace(/[+% ]/g, "").replaceAll(THIN, "")),
  );
}

test("what is read adds up to the total that is read", () => {
  const part = fc.record({
    label: fc.string(),
    value: fc.double({ min: -90, max: 90, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), (parts) => {
      const total = parts.reduce((sum, one) => sum + one.value, 0);
      const html = String(
        PartList({ parts, total, sumLabel: "Sum", sumText: String(Math.round(total)) }),
      );
      const read = numbers(html);
      expect(read.slice(0, -1).reduce((a, b) => a + b, 0)).toBe(read.at(-1) ?? Number.NaN);
    }),
  );
});

test.each([
  [27, "+27"],
  [-4, "\u22124"],
  [0, "0"],
])("signed: %p", (value, text) => {
  expect(signed(value)).toBe(text);
});

test("no part at all is said in words", () => {
  expect(String(PartList({ parts: [], total: 0, sumLabel: "", sumText: "" }))).toContain("Nothing");
});

test("a label cannot bring markup along", () => {
  const parts = [{ label: '<img src=x onerror="1">', value: 1 }];
  const html = String(PartList({ parts, total: 1, sumLabel: "<b>", sumText: "<i>" }));
  expect(html).not.toContain("<img");
  expect(html).not.toContain("<b>");
  expect(html).not.toContain("<i>");
});
