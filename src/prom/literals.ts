import { durationUs } from "./durations.ts";
import { badData } from "./expression.ts";

/** A number of PromQL: decimal, hexadecimal, Inf, NaN, or a duration in seconds. */
export function numberOf(text: string): number {
  const plain = text.toLowerCase().replaceAll("_", "");
  if (plain === "inf") return Number.POSITIVE_INFINITY;
  if (plain === "nan") return Number.NaN;
  const value = Number(plain);
  if (!Number.isNaN(value)) return value;
  const length = durationUs(plain);
  if (length === undefined) throw badData(`not a number: ${text}`);
  return length / 1e6;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" },
  ...{ "\\": "\\", "'": "'", '"': '"' },
};

/** What a text between quotes says: Go's escapes in " and ', none in `. */
export function textOf(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("`")) return inner;
  return inner.replace(
    /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[\s\S])/g,
    (_whole, escaped: string) => {
      if (/^[xuU]./.test(escaped))
        return String.fromCodePoint(Number.parseInt(escaped.slice(1), 16));
      if (/^[0-7]{3}$/.test(escaped)) return String.fromCodePoint(Number.parseInt(escaped, 8));
      const known = ESCAPES[escaped];
      if (known === undefined) throw badData(`unknown escape \\${escaped} in ${quoted}`);
      return known;
    },
  );
}
