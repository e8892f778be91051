/** What files write for "no value". */
export const MISSING: ReadonlySet<string> = new Set([
  "",
  "-",
  "nan",
  "na",
  "n/a",
  "#n/a",
  "null",
  "none",
  "nil",
  "\\n",
]);

const PLAIN = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** A parser of decimal numbers; undefined for what is none, infinities too. */
export function createNumberParser(decimal: "." | ","): (text: string) => number | undefined {
  return (text) => {
    const dotted = decimal === "," ? text.replaceAll(".", "x").replace(",", ".") : text;
    if (!PLAIN.test(dotted)) return undefined;
    const value = Number(dotted);
    return Number.isFinite(value) ? value : undefined;
  };
}

/**
 * Whether the bytes are a number as line protocol takes it, so that they can be copied as they are:
 * digits, at most one dot between digits, an exponent of at most two digits.
 */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  if (bytes[at] === 45) at++;
  const whole = at;
  while (at < end && isDigit(bytes[at])) at++;
  if (at === whole) return false;
  if (at < end && bytes[at] === 46) {
    const fraction = ++at;
    while (at < end && isDigit(bytes[at])) at++;
    if (at === fraction) return false;
  }
  if (at < end && (bytes[at] === 101 || bytes[at] === 69)) {
    at++;
    if (bytes[at] === 45 || bytes[at] === 43) at++;
    const exponent = at;
    while (at < end && isDigit(bytes[at])) at++;
    if (at === exponent || at - exponent > 2) return false;
  }
  return at === end && end - start <= 40;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
