import { SAMPLE_RATE_NAME } from "../../domain/waveform.ts";
import type { ParsedField, ParsedLine } from "./line.ts";

const isRate = (field: ParsedField) => field.name === SAMPLE_RATE_NAME && field.kind !== "array";

export function hasArray(line: Pick<ParsedLine, "fields">): boolean {
  return line.fields.some(({ kind }) => kind === "array");
}

/** The fields that are readings: none that is empty, and beside an array not its sample rate. */
export function readingsOf(line: Pick<ParsedLine, "fields">): readonly ParsedField[] {
  const withoutRate = hasArray(line);
  return line.fields.filter((field) => field.kind !== "null" && !(withoutRate && isRate(field)));
}

/**
 * The sample rate of a line's arrays in Hz: its field `sample_rate_hz`, else its tag of that name.
 * Undefined when it says none or has no array; an object when what it says is no rate.
 */
export function sampleRateOf(
  line: Pick<ParsedLine, "fields" | "tags" | "from">,
): number | undefined | { readonly reason: string; readonly at: number } {
  if (!hasArray(line)) return undefined;
  const field = line.fields.find((one) => isRate(one) && one.kind !== "null");
  const tag = line.tags.find(([key]) => key === SAMPLE_RATE_NAME)?.[1];
  if (field === undefined && tag === undefined) return undefined;
  const isNumber = field === undefined || ["float", "int", "uint"].includes(field.kind);
  const rate = field === undefined ? Number(tag) : field.value;
  if (isNumber && rate > 0 && Number.isFinite(rate)) return rate;
  const reason = `${SAMPLE_RATE_NAME} must be a positive number of samples a second`;
  return { reason, at: field?.from ?? line.from };
}
