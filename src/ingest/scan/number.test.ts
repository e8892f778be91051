import { expect, test } from "bun:test";
import fc from "fast-check";
import { readDecimal } from "./number.ts";
import { readNanos19 } from "./time.ts";

const encoder = new TextEncoder();

function read(text: string): { value: number; next: number } {
  const bytes = encoder.encode(`${text} `.padEnd(64, " "));
  const slot = { value: Number.NaN, next: 0 };
  readDecimal(bytes, 0, 24, slot);
  return { ...slot };
}

test.each([
  ["0", 0, 1],
  ["-0", -0, 2],
  ["+5", 5, 2],
  ["1.", 1, 2],
  [".5", 0.5, 2],
  ["123456789", 123456789, 9],
  ["1234567890", 1234567890, 10],
  ["0.000000001", 1e-9, 11],
  ["9007199254740994", 9007199254740994, 16],
  ["123456.789012345678", Number("123456.789012345678"), 19],
  ["12,", 12, 2],
])("readDecimal: %s", (text, value, next) => {
  expect(read(text)).toEqual({ value, next });
});

test.each([
  ["1e5"],
  ["-"],
  ["."],
  [""],
  ["x"],
  ["1234567890123456789"],
  ["1.5E3"],
  ["9007199254740993"],
])("readDecimal leaves %s to the slow way", (text) => {
  expect(read(text).next).toBe(-1);
});

test("readDecimal: whatever it reads is what Number() reads, bit for bit", () => {
  const digits = fc.stringMatching(/^-?[0-9]{0,18}(\.[0-9]{0,18})?$/).filter((t) => t.length < 22);
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
  const fixed = fc
    .tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 17 }))
    .map(([value, precision]) => value.toPrecision(precision));
  // Half-way points above 2^53, where rounding is decided by the last digit.
  const ties = fc.bigInt({ min: 2n ** 53n, max: 10n ** 18n - 1n }).map((n) => String(n | 1n));
  fc.assert(
    fc.property(fc.oneof(digits, doubles, fixed, ties), (text) => {
      const { value, next } = read(text);
      if (next < 0) return;
      expect(Object.is(value, Number(text.slice(0, next)))).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});

test("readNanos19: 19 digits give their µs, anything else -1", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 10n ** 18n, max: 9n * 10n ** 18n }), (ns) => {
      const bytes = encoder.encode(`${ns}\n`);
      expect(readNanos19(bytes, new DataView(bytes.buffer), 0)).toBe(Number(ns / 1000n));
    }),
  );
  for (const bad of ["170000000000000000a", "17000000/0000000000", "1700000:00000000000"]) {
    const bytes = encoder.encode(`${bad}\n`);
    expect(readNanos19(bytes, new DataView(bytes.buffer), 0)).toBe(-1);
  }
});
