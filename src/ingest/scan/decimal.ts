import type { ReadValue } from "./value.ts";

/** An unscaled whole number and its scale as plain digits: 1250, 2 is `12.50`. */
export function fixedPoint(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-scale)}`;
}

/** Digits without zeros around them, and the power of ten of the last one. */
function significant(text: string): string {
  const match = /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const all = (whole + fraction).replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  if (digits === "") return "0";
  const power = Number(exponent) - fraction.length + all.length - digits.length;
  return `${sign === "-" ? "-" : ""}${digits}e${power}`;
}

/**
 * A decimal number as a reading: its double, and the text beside it when the double's shortest decimal
 * form is another number. 12.50 and 0.1 need none; 0.1234567890123456789 does.
 * @param text digits with an optional sign, point and exponent
 */
export function decimal(text: string): ReadValue {
  const value = Number(text) + 0; // a decimal has no negative zero
  const isExact = significant(text) === significant(String(value));
  return { kind: "float", value, text: isExact ? undefined : text };
}
