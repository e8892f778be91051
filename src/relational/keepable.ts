/** Longest name of an asset or sensor that is made without asking; an index entry has to hold it. */
export const ADOPTED_NAME_LENGTH_MAX = 200;

/**
 * A text as PostgreSQL can keep it: the sign for a zero byte stands in for one, and half of a pair of
 * surrogates becomes the replacement character.
 */
export function keepable(text: string): string {
  return text.replaceAll("\0", "␀").toWellFormed();
}

/** A time as a whole number that fits a bigint, whatever a device sent. */
export function wholeUs(atUs: number): number {
  const limit = Number.MAX_SAFE_INTEGER;
  return Math.round(Math.max(-limit, Math.min(limit, Number.isNaN(atUs) ? 0 : atUs)));
}

/** JSON of what devices sent, safe to be read by PostgreSQL. */
export function keepableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "string" ? keepable(inner) : inner,
  );
}
