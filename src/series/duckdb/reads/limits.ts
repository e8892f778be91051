import { AppError } from "../../../domain/error.ts";
import { READ_LIMITS } from "../../../domain/reading-store.ts";

function refuse(message: string): never {
  throw new AppError("invalid", message);
}

/** @throws AppError("invalid") when the numbers are not series numbers or too many. */
export function checkSeries(seriesNos: readonly number[]): void {
  if (seriesNos.length > READ_LIMITS.seriesPerRead)
    refuse(`${seriesNos.length} series in one read; at most ${READ_LIMITS.seriesPerRead}`);
  for (const no of seriesNos)
    if (!Number.isInteger(no) || no < 0 || no > 0xffffffff) refuse(`not a series number: ${no}`);
}

/** @throws AppError("invalid") unless both are times in µs and in order. */
export function checkSpan(fromUs: number, toUs: number): void {
  if (!Number.isSafeInteger(fromUs) || !Number.isSafeInteger(toUs) || fromUs > toUs)
    refuse(`not a span of time in µs: ${fromUs} to ${toUs}`);
}

/** @throws AppError("invalid") unless it is a whole number in the range. */
export function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    refuse(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
}
