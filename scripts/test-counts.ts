/** How many tests ended how. */
export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

function lastNumber(text: string, word: string): number {
  const found = [...text.matchAll(new RegExp(`^ *(\\d+) ${word}s?$`, "gm"))].at(-1);
  return Number(found?.[1] ?? 0);
}

/** The sums at the end of `bun test`'s output; undefined when it ended before it wrote them. */
export function countsOf(output: string): Counts | undefined {
  const text = Bun.stripANSI(output);
  if (!/^Ran \d+ tests? across \d+ files?/m.test(text)) return undefined;
  return {
    passed: lastNumber(text, "pass"),
    // A file that does not load is counted as both.
    failed: Math.max(lastNumber(text, "fail"), lastNumber(text, "error")),
    skipped: lastNumber(text, "skip") + lastNumber(text, "todo"),
  };
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** The line that a run ends with. */
export function lineOf(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/** Reads such a line back; undefined for any other. */
export function countsOfLine(line: string): Counts | undefined {
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim());
  if (match === null) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}
