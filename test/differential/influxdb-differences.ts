import { type Difference, TIME_BEYOND } from "./cells.ts";

const matching = (pattern: RegExp, reason: string): Difference => ({
  reason,
  covers: (body) => pattern.test(body),
});

/** Where we decide a line otherwise than InfluxDB 1.6.7, and why. The corpus is that of InfluxDB 2 and 3. */
export const INFLUXDB_DIFFERENCES: readonly Difference[] = [
  matching(/=\+/, "a number may begin with a plus sign: so in the corpus"),
  matching(/\\"/, "a backslash before a quote is kept in names: so in the corpus"),
  matching(
    /[\t\r]|\\\n/,
    "control characters in names are refused, \\r ends a line: so in the corpus",
  ),
  matching(/\\\\[,= ]/, "an unescaped comma ends a field's name: so in the corpus"),
  matching(
    /^(\\[\s\S]|[^, ])*\\=/m,
    "a measurement keeps the backslash before =: so in the corpus",
  ),
  matching(/\\[nrt]/, "\\n, \\r and \\t in a string are control characters: so in the corpus"),
  matching(/==/, "an unescaped = in a tag's value is refused: so in the corpus"),
  matching(
    /="[^"]*"[^,\s]/,
    "letters behind a string's closing quote are refused: so in the corpus",
  ),
  TIME_BEYOND,
];
