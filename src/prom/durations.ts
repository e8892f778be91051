import { badData } from "./expression.ts";

const UNITS_US: Readonly<Record<string, number>> = {
  ...{ ms: 1e3, s: 1e6, m: 60e6, h: 3_600e6 },
  ...{ d: 86_400e6, w: 7 * 86_400e6, y: 365 * 86_400e6 },
};

/** A duration such as 1h30m, or seconds such as 90 or 0.5, in µs; undefined when it is none. */
export function durationUs(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1e6);
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count = "", unit = ""] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    sum += Number(count) * (UNITS_US[unit] ?? 0);
  return sum;
}

/** A duration with an optional sign. @throws PromError "bad_data". */
export function signedDurationUs(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const length = durationUs(text.replace(/^[+-]\s*/, ""));
  if (length === undefined) throw badData(`not a valid duration: "${text}"`);
  return sign * length;
}

/** A time of the API, in seconds or RFC 3339, in µs. @throws PromError "bad_data". */
export function timeUs(name: string, text: string): number {
  const seconds = Number(text);
  const ms = text.trim() !== "" && !Number.isNaN(seconds) ? seconds * 1000 : Date.parse(text);
  const us = Math.round(ms) * 1000;
  if (Number.isSafeInteger(us)) return us;
  throw badData(`invalid parameter "${name}": cannot parse "${text}" to a valid timestamp`);
}

/** A step of the API, in seconds or a duration, in µs. @throws PromError "bad_data". */
export function stepUs(text: string): number {
  const length = durationUs(text);
  if (length === undefined)
    throw badData(`invalid parameter "step": cannot parse "${text}" to a valid duration`);
  if (length < 1000)
    throw badData(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  return length;
}
