import type { Random } from "../../src/lib/random.ts";
import type { Body } from "./cells.ts";

const LETTERS = ["a", "b", "Z", "7", "é", "漢", "/", ".", "#", "-", "_", "'"];
const ESCAPES = ["\\ ", "\\,", "\\=", "\\a", "\\\\", '\\"', '"', "\\"];
const DAMAGE = [" ", ",", "=", "\\", '"', "\n", "\r", "\t", "0", "i", "u", ".", "e", "-", "+", "é"];
const VALUES = [
  ...["1", "-1", "+1", "0", "-0", "1.5", ".5", "5.", "-.5e3", "1e300", "1e400", "1e-400", "1E5"],
  ...[
    "0x10",
    "1_000",
    "NaN",
    "inf",
    "-",
    "+",
    ".",
    "e5",
    "1e",
    "1e+",
    "00012",
    "1.7976931348623157e308",
  ],
  ...[
    "1i",
    "-1i",
    "9007199254740993i",
    "-9223372036854775808i",
    "9223372036854775808i",
    "1.5i",
    "i",
  ],
  ...["t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE", "tRUE", "yes"],
  ...['"a"', '""', '"with space, and = sign"', '"quoted \\" quote"', '"back \\\\ slash"', '"\\n"'],
  ...['"é漢"', '"tab\there"', '"open', 'a"b"', "'a'", ""],
] as const;

/** What the measurement of line `index` begins with. */
export const influxdbPrefix = (index: number): string => `L${String(index).padStart(6, "0")}`;

/**
 * A line of InfluxDB's dialect: whole, oddly escaped, or damaged. The measurement begins with the line's
 * number, so that what a server holds of it can be told from all others.
 */
export function influxdbLine(random: Random, index: number): Body {
  const prefix = influxdbPrefix(index);
  const tags = Array.from(
    { length: random.int(4) },
    (_, at) => `,t${at}${name(random)}=v${name(random)}`,
  );
  const fields = Array.from(
    { length: 1 + random.int(3) },
    (_, at) => `f${at}${name(random)}=${value(random)}`,
  );
  const precision = random.pick(["ns", "us", "ms", "s"] as const);
  let rest = `${name(random)}${random.shuffled(tags).join("")} ${fields.join(",")}${time(random, precision)}`;
  if (random.int(2) === 0) rest = damaged(rest, random, prefix);
  if (random.int(10) === 0) rest = damaged(rest, random, prefix);
  return { bytes: Buffer.from(`${prefix}${rest}`), precision };
}

function name(random: Random): string {
  const piece = () => (random.int(6) === 0 ? random.pick(ESCAPES) : random.pick(LETTERS));
  return Array.from({ length: random.int(4) }, piece).join("");
}

function value(random: Random): string {
  switch (random.int(3)) {
    case 0:
      return random.pick(VALUES);
    case 1:
      return String(random.normal() * 10 ** random.int(20));
    default:
      return `${random.int(2 ** 31) * (random.int(2) * 2 - 1)}i`;
  }
}

const PER_SECOND = { ns: 1_000_000_000n, us: 1_000_000n, ms: 1_000n, s: 1n } as const;

/** A time before 2026, or none. */
function time(random: Random, precision: keyof typeof PER_SECOND): string {
  if (random.int(8) === 0) return "";
  const unit = PER_SECOND[precision];
  const seconds = BigInt(random.int(1_767_000_000));
  const at = seconds * unit + BigInt(random.int(Number(unit)));
  return ` ${random.int(10) === 0 ? -at : at}`;
}

/** One edit; a newline that comes in begins a line with the same prefix. */
function damaged(text: string, random: Random, prefix: string): string {
  const at = random.int(text.length + 1);
  const to = Math.min(text.length, at + 1 + random.int(4));
  const byte = random.pick(DAMAGE);
  const insert = byte === "\n" ? `\n${prefix}` : byte;
  switch (random.int(4)) {
    case 0:
      return text.slice(0, at) + insert + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, at) + text.slice(at, to) + text.slice(at);
    default:
      return text.slice(0, at) + insert + text.slice(at);
  }
}
