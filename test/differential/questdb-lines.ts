import type { Random } from "../../src/lib/random.ts";
import type { Body } from "./cells.ts";

/** A table as written in a line and as it is called. Each row tells its line by the column `id`. */
export type Table = readonly [written: string, name: string];

/**
 * The tables of a round. Names are never used again: QuestDB loses rows that it answered with 204 when
 * their table was dropped and made anew a moment before.
 */
export function tablesOf(round: number): readonly Table[] {
  return [
    [`plain${round}`, `plain${round}`],
    [`two\\ words${round}`, `two words${round}`],
    [`caf\\é${round}`, `café${round}`],
  ];
}

/** Column as written, kind; all are in the first line of each table, which sets their kinds. */
const COLUMNS = [
  ["double", "double"],
  ["double\\ two", "double"],
  ["long", "long"],
  ["l\\=3", "long"],
  ["text", "text"],
  ["m\\esure", "text"],
] as const;

const SYMBOLS = ["symbol", "symbol\\ two", "\\漢"] as const;
const SYMBOL_VALUES = [
  ...["a", "a\\ b", "a\\,b", "a\\=b", "a\\\\b", "a\\b", "é漢", '"q"', "", "1.5", "/", "t"],
] as const;

const VALUES = {
  double: [
    ...[
      "1.5",
      "-0",
      "0.1",
      "-1e300",
      "1e-300",
      "NaN",
      "nan",
      "Infinity",
      "-Infinity",
      "inf",
      "1e400",
    ],
    ...[
      "5i",
      "-5i",
      "",
      ".5",
      "5.",
      "+1",
      "1_0",
      "0x10",
      "e",
      "1e",
      "--1",
      "1.2.3",
      "1f",
      "12345678901234567890",
    ],
    ...["4.9e-324", "1.7976931348623157e308", "123456789.123456789"],
  ],
  long: [
    ...["1i", "-1i", "0i", "9007199254740993i", "9223372036854775807i", "9223372036854775808i"],
    ...["-9223372036854775807i", "", "i", "1.i", "+1i", "1_0i", "00i", "0x1g", "--1i"],
  ],
  text: [
    ...['"a"', '""', '"a b,c=d"', '"q \\" q"', '"b \\\\ b"', '"n\\\nn"', '"\\n"', '"é漢"'],
    ...['"tab\there"', '"open', "'a'", "a", '"a"b', ""],
  ],
} as const;

const DAMAGE = [" ", ",", "=", "\\", '"', "\n", "\r", "0", "i", ".", "e", "-", "+", "t", "n", "m"];
const PER_SECOND = { ns: 1_000_000_000n, us: 1_000_000n, ms: 1_000n, s: 1n } as const;

/** The line that makes each table with all its columns. */
export function questdbTable(table: string): string {
  const tags = SYMBOLS.map((name) => `,${name}=first`).join("");
  const fields = COLUMNS.map(
    ([name, kind]) => `${name}=${{ double: "1.5", long: "1i", text: '"x"' }[kind]}`,
  );
  return `${table}${tags} id=-1i,${fields.join(",")} 0`;
}

/** A line of QuestDB's dialect: whole, oddly written, or damaged behind its `id`. */
export function questdbLine(random: Random, index: number, tables: readonly Table[]): Body {
  const [table] = random.pick(tables);
  const tags = SYMBOLS.filter(() => random.int(2) === 0).map(
    (name) => `,${name}=${random.pick(SYMBOL_VALUES)}`,
  );
  const prefix = `${table}${tags.join("")} id=${index}i`;
  const precision = random.pick(["ns", "us", "ms", "s"] as const);
  const fields = random.shuffled(COLUMNS).slice(0, random.int(4));
  let rest = `${fields.map(([name, kind]) => `,${name}=${value(random, kind)}`).join("")}${time(random, precision)}`;
  if (random.int(3) === 0) rest = damaged(rest, random, prefix);
  const binary = random.int(5) === 0 ? binaryField(random) : Buffer.alloc(0);
  return { bytes: Buffer.concat([Buffer.from(prefix), binary, Buffer.from(rest)]), precision };
}

function value(random: Random, kind: keyof typeof VALUES): string {
  if (random.int(2) === 0) return random.pick<string>(VALUES[kind]);
  if (kind === "double") return String(random.normal() * 10 ** (random.int(30) - 10));
  if (kind === "long") return `${random.int(2 ** 31) * (random.int(2) * 2 - 1)}i`;
  return `"${String.fromCodePoint(33 + random.int(1), 64 + random.int(26), 200 + random.int(900))}"`;
}

/** A double of protocol version 2: any bits but NaN's, newlines among its bytes. */
function binaryField(random: Random): Buffer {
  const bytes = Buffer.alloc(8);
  for (let at = 0; at < 8; at++)
    bytes[at] = random.pick([0, 10, 13, 32, 34, 44, 61, 63, 64, 92, 191, 192]);
  return Buffer.concat([Buffer.from(",double=="), Buffer.of(0x10), bytes]);
}

/** A time before 2026 with or without a unit of its own, or none. */
function time(random: Random, precision: keyof typeof PER_SECOND): string {
  const [unit, suffix] = random.pick([
    ...([
      [precision, ""],
      [precision, ""],
      [precision, ""],
    ] as const),
    ...([
      ["ns", "n"],
      ["us", "t"],
      ["ms", "m"],
    ] as const),
  ]);
  if (random.int(8) === 0) return "";
  const perSecond = PER_SECOND[unit];
  const at = BigInt(random.int(1_767_000_000)) * perSecond + BigInt(random.int(Number(perSecond)));
  return ` ${at}${suffix}`;
}

/** One edit; a newline that comes in begins a line with the same prefix. */
function damaged(text: string, random: Random, prefix: string): string {
  const at = random.int(text.length + 1);
  const to = Math.min(text.length, at + 1 + random.int(4));
  const byte = random.pick(DAMAGE);
  const insert = byte === "\n" ? `\n${prefix}` : byte;
  switch (random.int(3)) {
    case 0:
      return text.slice(0, at) + insert + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(to);
    default:
      return text.slice(0, at) + insert + text.slice(at);
  }
}
