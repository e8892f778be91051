import { expect, test } from "bun:test";
import { LAKE_DAY_US } from "../domain/lake.ts";
import { DEFAULT_POLICY, type Leaving } from "../domain/retention.ts";
import { diskOf, keptText, previewOf } from "./retention-words.ts";
import { words } from "./test-plant.ts";

const DAY = Date.UTC(2026, 2, 2) * 1000;
const leaving = (day: number, part: Partial<Leaving> = {}): Leaving => ({
  ...{ tenantNo: 1, className: "default", tier: "raw", dayStartUs: DAY + day * LAKE_DAY_US },
  ...{ arrivedAtUs: undefined, rows: 1_000, sizeBytes: 2_000, reason: "too old" },
  ...part,
});
const plain = (text: string) => text.replaceAll("\u202f", " ");

test("a dry run names days by class and tier, with sums", () => {
  const items = [leaving(1), leaving(0), leaving(0, { tier: "5m", rows: 5, sizeBytes: 200 })];
  const { sentence, rows } = previewOf(words, items);
  expect(plain(sentence)).toBe(
    "At the next run 2,005 rows would go, about 4.2 kB. They cannot be brought back.",
  );
  expect(rows.map((row) => [row.tier, row.days, row.rows, plain(row.size)])).toEqual([
    ["raw readings", "2026-03-02 to 2026-03-03", "2,000", "4.0 kB"],
    ["5 minutes", "2026-03-02", "5", "about 200 bytes"],
  ]);
  expect(previewOf(words, []).sentence).toContain("Nothing");
});

test("how long a class keeps, in words", () => {
  expect(keptText(words, DEFAULT_POLICY, "default")).toBe(
    "raw readings 90 d, 5 minutes 365 d, hours 1,825 d, days for ever, waveforms 90 d",
  );
});

test.each([
  [10e9, true, "info", "10.0 GB are free"],
  [1.5e9, true, "warning", "only 1.5 GB are free"],
  [0.5e9, true, "critical", "Writes are refused"],
  [10e9, false, "info", "the disk has room"],
  [1.5e9, false, "warning", "the disk is nearly full"],
] as const)("a disk with %p bytes, alone %p", (freeBytes, isAlone, level, said) => {
  const disk = diskOf(words, { freeBytes, floorBytes: 1e9 }, isAlone);
  expect(disk.level).toBe(level);
  expect(plain(disk.text)).toContain(said);
  if (!isAlone) expect(disk.text).not.toContain("GB");
});
