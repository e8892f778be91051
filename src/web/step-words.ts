import type { Format } from "../../views/format.ts";
import type { AssetType } from "../domain/asset-type.ts";

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
/** Units of a clock that runs with time; any other word counts something, such as cycles. */
const TIME_UNIT = /^\d*\s*(s|sec|min|h|hours?|d|days?|w|weeks?)$/i;

/** How the steps of an asset's clock are shown: in days or hours, or in the clock's own word. */
export type StepWords = {
  /** After a number: "d", "h", "cycles". */
  readonly unit: string;
  /** In a sentence: "days", "hours", "cycles". */
  readonly word: string;
  /** So many units is one step. */
  readonly perStep: number;
};

/** Words for a type's steps; of an asset without a type, for the unit its predictions carry. Pure. */
export function stepWords(
  type: Pick<AssetType, "clockUnit" | "clockStepUs" | "horizonSteps"> | undefined,
  unit = "steps",
): StepWords {
  if (type === undefined) return { unit, word: unit, perStep: 1 };
  if (TIME_UNIT.test(type.clockUnit)) {
    const isLong = type.horizonSteps * type.clockStepUs >= 2 * DAY_US;
    return isLong
      ? { unit: "d", word: "days", perStep: type.clockStepUs / DAY_US }
      : { unit: "h", word: "hours", perStep: type.clockStepUs / HOUR_US };
  }
  const many = type.clockUnit.endsWith("s") ? type.clockUnit : `${type.clockUnit}s`;
  return { unit: many, word: many, perStep: 1 };
}

/** "14 days", "36 hours", "200 cycles": for sentences. Under ten, what is not whole has one decimal. */
export function stepsText(format: Format, words: StepWords, steps: number): string {
  const shown = steps * words.perStep;
  const isWhole = Math.abs(shown) >= 10 || Math.abs(shown - Math.round(shown)) < 0.05;
  const text = format.number(shown, isWhole ? 0 : 1);
  return `${text} ${text === "1" ? words.word.replace(/s$/, "") : words.word}`;
}

/** "9 to 21 d"; "about 3 d" where both ends are shown alike. */
export function spanText(format: Format, words: StepWords, low: number, high: number): string {
  const [from, to] = [low * words.perStep, high * words.perStep];
  if (Math.round(from) !== Math.round(to)) return format.rangeText(from, to, words.unit);
  const decimals = from < 10 ? 1 : 0;
  return `about ${format.value((from + to) / 2, decimals, words.unit)}`;
}
