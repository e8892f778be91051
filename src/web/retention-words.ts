import type { TierRow } from "../../views/pages/retention-table.tsx";
import { LAKE_DAY_US } from "../domain/lake.ts";
import {
  byClassAndTier,
  type DaysOfTier,
  keptDays,
  type Leaving,
  RETENTION_TIERS,
  type RetentionEntry,
  type RetentionPolicy,
  type RetentionTier,
} from "../domain/retention.ts";
import type { Frame } from "./shell.ts";

type Words = Pick<Frame, "format" | "nowUs">;

export const TIER_WORDS: Readonly<Record<RetentionTier, string>> = {
  ...{ raw: "raw readings", "5m": "5 minutes", "1h": "hours", "1d": "days" },
  waveform: "waveforms",
};
const LOG_SHOWN = 50;

/** "2026-03-02", or "2026-03-02 to 2026-05-01"; days of the lake are those of UTC. */
function daysText({ fromUs, toUs }: Pick<DaysOfTier, "fromUs" | "toUs">): string {
  const day = (atUs: number) => new Date(atUs / 1000).toISOString().slice(0, 10);
  const [first, last] = [day(fromUs), day(toUs - LAKE_DAY_US)];
  return first === last ? first : `${first} to ${last}`;
}

/** Rows of what is held or goes. Pure. */
export function tierRows({ format }: Words, items: readonly DaysOfTier[]): TierRow[] {
  return items.map((item) => ({
    ...{ className: item.className, tier: TIER_WORDS[item.tier], days: daysText(item) },
    ...{ rows: format.number(item.rows), reason: item.reason },
    size: `${item.tier === "raw" || item.tier === "waveform" ? "" : "about "}${format.bytes(item.sizeBytes)}`,
  }));
}

/** What a dry run found, in words and by class and tier. Pure. */
export function previewOf(
  words: Words,
  items: readonly Leaving[],
): { readonly sentence: string; readonly rows: readonly TierRow[] } {
  const { format } = words;
  const sizeBytes = items.reduce((sum, one) => sum + one.sizeBytes, 0);
  const rows = items.reduce((sum, one) => sum + one.rows, 0);
  const sentence =
    items.length === 0
      ? "Nothing that is held would go at the next run."
      : `At the next run ${format.number(rows)} rows would go, about ${format.bytes(sizeBytes)}. They cannot be brought back.`;
  return { sentence, rows: tierRows(words, byClassAndTier(items)) };
}

/** The newest entries of the log. Pure. */
export function logRows({ format, nowUs }: Words, log: readonly RetentionEntry[]) {
  return log.slice(0, LOG_SHOWN).map((entry) => ({
    at: format.at(entry.atUs, nowUs),
    ...{ className: entry.className, tier: TIER_WORDS[entry.tier], days: daysText(entry) },
    ...{ rows: format.number(entry.rows), size: format.bytes(entry.sizeBytes) },
    reason: entry.reason,
  }));
}

/** "raw readings 90 d, 5 minutes 365 d, hours 1,825 d, days for ever". Pure. */
export function keptText(
  { format }: Words,
  policy: RetentionPolicy,
  className: string,
  tiers: readonly RetentionTier[] = RETENTION_TIERS,
): string {
  const found = policy.classes.find(({ name }) => name === className);
  return tiers
    .map((tier) => {
      const days = found ? keptDays(found, tier) : null;
      return `${TIER_WORDS[tier]} ${days === null ? "for ever" : `${format.number(days)} d`}`;
    })
    .join(", ");
}

/** How the disk stands; bytes only where nobody else's are among them. Pure. */
export function diskOf(
  { format }: Words,
  disk: { readonly freeBytes: number; readonly floorBytes: number },
  isAlone: boolean,
): { readonly level: "info" | "warning" | "critical"; readonly text: string } {
  const { freeBytes, floorBytes } = disk;
  const free = isAlone ? `${format.bytes(freeBytes)} are free` : "the disk has room";
  const near = isAlone ? `only ${format.bytes(freeBytes)} are free` : "the disk is nearly full";
  if (freeBytes < floorBytes)
    return { level: "critical", text: `Writes are refused: ${near}. Make room on the disk.` };
  if (freeBytes < 2 * floorBytes)
    return {
      level: "warning",
      text: `The oldest sealed readings yield, then the oldest 5-minute buckets: ${near}.`,
    };
  const from = isAlone ? ` Below ${format.bytes(2 * floorBytes)} the oldest readings yield.` : "";
  return { level: "info", text: `Nothing yields: ${free}.${from}` };
}
