import { type Difference, TIME_BEYOND } from "./cells.ts";

/** A double of protocol 2, in the body as Latin-1. */
const BINARY = new RegExp(`==${String.fromCharCode(16)}[\\s\\S]{8}`, "g");

/**
 * A pattern of the fields and times of a body. Bytes of a number say nothing: it stands as a digit; the
 * escapes that every line has stand as letters.
 */
const matching = (pattern: RegExp, reason: string): Difference => ({
  reason,
  covers: (body) => {
    const fields = body.slice(body.indexOf(" id=")).replace(BINARY, "=1");
    return pattern.test(fields.replace(/\\[ =e]/g, "x"));
  },
});

/** Where we decide a line otherwise than QuestDB 9.3.4, and why. */
export const QUESTDB_DIFFERENCES: readonly Difference[] = [
  matching(
    /,[^ ,="]*[-.+*%~?'"/:()\\][^ ,=]*=|\\,|\r[^ ,]*[-.+*%~?'"/:()\\]/,
    "a table's or column's name may hold any character but control characters: names are kept as sent",
  ),
  matching(/=\+\d+i/, "a whole number may begin with a plus sign, as a decimal does"),
  matching(/\d_\d/, "digits in groups, 1_000i, are refused: no client writes them"),
  TIME_BEYOND,
  matching(/ -\d+[tnm]?\s*$/m, "a time before 1970 is taken"),
  matching(/,$|, /, "a comma with no field behind it is refused"),
  matching(/ {2}| $/m, "several spaces before the time, and a space behind it, are taken"),
  matching(/e-\d{3}/, "a number too small for a double is 0"),
  matching(/=[^",]*\\|\\\S*$/, "a backslash in a number or a time is refused, not skipped"),
  matching(
    /(long|lx3)=[-+]?[\d.]+(e[-+]?\d+)?([^i\d]|$)|=-?\d+[tnm](,| |$)/m,
    "a decimal or a time in a series of other numbers is taken: all are numbers",
  ),
];
