/** A wait of `ms`; for polling real processes only. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Polls until `look` gives something other than undefined, null or false, and returns it.
 * @throws Error naming what was waited for, when `limitMs` is over.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  limitMs = 30_000,
  everyMs = 50,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  let last = "";
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      last = ` (last: ${error instanceof Error ? error.message : error})`;
    }
    if (performance.now() > endMs)
      throw new Error(`waited ${Math.round(limitMs / 1000)} s for ${what}${last}`);
    await pause(everyMs);
  }
}
