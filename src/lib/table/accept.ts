/** How an answer may be written. */
export const FORMATS = ["json", "csv", "parquet", "arrow"] as const;
export type Format = (typeof FORMATS)[number];

/** The media type of each, as answered. */
export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: "application/json",
  csv: "text/csv",
  parquet: "application/vnd.apache.parquet",
  arrow: "application/vnd.apache.arrow.stream",
};

type Range = { readonly type: string; readonly quality: number };

function rangesOf(accept: string): Range[] {
  return accept
    .split(",")
    .map((part) => {
      const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
      const sent = parameters.find((parameter) => parameter.startsWith("q="));
      const quality = sent === undefined ? 1 : Number(sent.slice(2));
      return { type, quality: Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 0 };
    })
    .filter(({ type }) => type !== "");
}

/** What the most specific range that fits says of a type; undefined when none fits. */
function qualityOf(ranges: readonly Range[], type: string): number | undefined {
  const [family] = type.split("/");
  for (const pattern of [type, `${family}/*`, "*/*"]) {
    const found = ranges.find((range) => range.type === pattern);
    if (found) return found.quality;
  }
  return undefined;
}

/**
 * The format that an Accept header likes best (RFC 9110 §12.5.1: most specific range, then quality; of
 * equals the first in FORMATS); JSON without a header, undefined when it wants none of them.
 */
export function formatOf(accept: string | null): Format | undefined {
  const ranges = rangesOf(accept ?? "");
  if (ranges.length === 0) return "json";
  let best: Format | undefined;
  let bestQuality = 0;
  for (const format of FORMATS) {
    const quality = qualityOf(ranges, MEDIA_TYPES[format]) ?? 0;
    if (quality > bestQuality) [best, bestQuality] = [format, quality];
  }
  return best;
}
