import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Dialect } from "../domain/engine.ts";
import { decodePoints } from "../ingest/scan/points.ts";
import { type FramingFailure, LineFramer } from "./line-framer.ts";

const LINE_BYTES = 1_000;

/** Feeds the bytes cut at these places; gives the whole pieces, what is left, and how it failed. */
function feed(dialect: Dialect, bytes: Uint8Array, cuts: readonly number[] = []) {
  const framer = new LineFramer(dialect, LINE_BYTES);
  const pieces: Uint8Array[] = [];
  let rest = Buffer.alloc(0);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const chunk = bytes.subarray(from, to);
    const { wholeEnd, failure } = framer.feed(chunk);
    if (wholeEnd > 0) {
      pieces.push(Buffer.concat([rest, chunk.subarray(0, wholeEnd)]));
      rest = Buffer.alloc(0);
    }
    rest = Buffer.concat([rest, chunk.subarray(wholeEnd)]);
    if (failure !== undefined) return { pieces, rest, failure };
    from = to;
  }
  return { pieces, rest, failure: undefined };
}

const bytesOf = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

const whole = (found: ReturnType<typeof feed>) => Buffer.concat(found.pieces).toString("latin1");

test.each([
  ["a line", "questdb", "m v=1 1\n", ""],
  ["a part of a line", "questdb", "m v=1", "m v=1"],
  ["a raw newline in a string ends QuestDB's line", "questdb", 'm v="a\n', ""],
  ["and is data in InfluxDB's", "influx", 'm v="a\n', 'm v="a\n'],
  ["an escaped newline in a string", "questdb", 'm v="a\\\n', 'm v="a\\\n'],
  ["a string's end", "influx", 'm v="a\n" 1\n', ""],
  ["an escaped quote", "influx", 'm v="a\\"\n', 'm v="a\\"\n'],
  ["QuestDB's escaped newline in a name", "questdb", "a\\\nb", "a\\\nb"],
  ["a backslash before InfluxDB's newline is a backslash", "influx", "a\\\n", ""],
  ["a quote in a name is no string", "influx", 'm"x v=1\n', ""],
  ["a comment with a quote", "influx", '# it="x\n', ""],
  ["a quote after a comma in a tag", "influx", 'm,t="x v=1\n', ""],
  ["an escaped space goes on with the name", "influx", 'm\\ v="\n', ""],
] as const)("framing: %s", (_name, dialect, text, rest) => {
  const found = feed(dialect, Buffer.from(text));
  expect(found.failure).toBeUndefined();
  expect(found.rest.toString()).toBe(rest);
  expect(whole(found)).toBe(text.slice(0, text.length - rest.length));
});

const DIMS = [2, 0, 0, 0];
const TEN_DOUBLES = Array.from({ length: 16 }, () => 10);
test.each([
  ["a double of newlines", bytesOf("m v==", [16, ...Array(8).fill(10)], " 1\n"), undefined],
  ["an array", bytesOf("m v==", [14, 10, 1, ...DIMS, ...TEN_DOUBLES], "\n"), undefined],
  ["no array", bytesOf("m v==", [14, 33], ",w=1\n"), undefined],
  ["a decimal", bytesOf("m v==", [23, 2, 3, 10, 10, 10], "\n"), undefined],
  ["an empty decimal", bytesOf("m v==", [23, 2, 0], " 1\n"), undefined],
  ["a timestamp", bytesOf("m v==", [13, 0x74, ...Array(8).fill(10)], "\r\n"), undefined],
  ["an unknown type", bytesOf("m v==", [99, 1]), "broken-binary-field"],
  ["a byte too many", bytesOf("m v==", [6, 1, 65], "\n"), "broken-binary-field"],
  ["an array of something", bytesOf("m v==", [14, 9, 1, ...DIMS]), "broken-binary-field"],
  ["33 dimensions", bytesOf("m v==", [14, 10, 33]), "broken-binary-field"],
  ["a negative dimension", bytesOf("m v==", [14, 10, 1, 0, 0, 0, 128]), "broken-binary-field"],
  ["a scale of 77", bytesOf("m v==", [23, 77, 1]), "broken-binary-field"],
  ["a huge array", bytesOf("m v==", [14, 10, 1, 0, 0, 1, 0]), "line-too-long"],
  ["a long line", Buffer.alloc(LINE_BYTES + 1, 97), "line-too-long"],
] satisfies [string, Uint8Array, FramingFailure | undefined][])(
  "framing of %s, cut anywhere",
  (_name, bytes, failure) => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const found = feed("questdb", bytes, [cut]);
      expect(found.failure).toBe(failure);
      if (failure === undefined) expect(found.rest).toHaveLength(0);
    }
  },
);

test("a line of just the longest length is taken", () => {
  const line = Buffer.from(`${"a".repeat(LINE_BYTES - 1)}\n`);
  expect(feed("questdb", line).failure).toBeUndefined();
});

const LINES: Readonly<Record<Dialect, readonly Uint8Array[]>> = {
  influx: [
    "pump,asset=P-101 vibration=2.1,running=t 1764050400000000000\n",
    'pump,asset=P\\,\\ 1\\=x state="on \\"hold\\" \n, x",n=-9i,u=7u 17\r\n',
    "# a comment\n\n  \n",
    "a\\ b,c\\\\\\,d=e v=1\n",
  ].map((text) => Buffer.from(text)),
  questdb: [
    bytesOf("m,t= v=,w=NaN,h=0x1fi,d=1.50d 1764050400000t\n"),
    bytesOf('m\\\n,t=\\, v="a\\\nb\\"" 1\n'),
    bytesOf("m,a=b v==", [16, 10, 32, 44, 10, 34, 92, 10, 61], " 17\n"),
    bytesOf("m,a=b v==", [14, 10, 1, ...DIMS, ...TEN_DOUBLES], ",w=2\n"),
    bytesOf("m,a=b v==", [23, 2, 1, 10], "\r"),
    bytesOf("m,a=b\n"),
    bytesOf("m,a=b 17\n"),
  ],
};

/** What the bytes say, without the places at which they say it. */
function pointsOf(bytes: Uint8Array, dialect: Dialect) {
  const { points, errors } = decodePoints(bytes, { dialect, precision: "ns", defaultNs: 0n });
  expect(errors).toEqual([]);
  return points.map((point) => ({
    ...point,
    fields: point.fields.map(({ name, kind, value, text }) => [name, kind, value, text]),
  }));
}

for (const dialect of ["influx", "questdb"] as const)
  test(`lines cut anywhere are what they are whole (${dialect})`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...LINES[dialect]), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (lines, places) => {
          const bytes = Buffer.concat([...lines, Buffer.from("end v=1\n")]);
          const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
          const { pieces, rest, failure } = feed(dialect, bytes, cuts);
          expect({ left: rest.length, failure }).toEqual({ left: 0, failure: undefined });
          expect(pieces.flatMap((piece) => pointsOf(piece, dialect))).toEqual(
            pointsOf(bytes, dialect),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

for (const dialect of ["influx", "questdb"] as const)
  test(`any bytes: where they are cut changes nothing, and none is lost (${dialect})`, () => {
    const byte = fc.constantFrom(10, 13, 14, 16, 23, 32, 33, 34, 35, 44, 61, 61, 92, 0, 1, 97, 255);
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (sent, places) => {
          const bytes = Buffer.concat([Buffer.from("m v="), Uint8Array.from(sent)]);
          const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
          const [one, cut] = [feed(dialect, bytes), feed(dialect, bytes, cuts)];
          expect({ whole: whole(cut), failure: cut.failure }).toEqual({
            whole: whole(one),
            failure: one.failure,
          });
          const all = Buffer.concat([...cut.pieces, cut.rest]);
          expect(bytes.subarray(0, all.length)).toEqual(all);
          if (one.failure === undefined) expect(all).toHaveLength(bytes.length);
        },
      ),
      { numRuns: 2_000 },
    );
  });

test("many lines at once, and one among them that is too long", () => {
  const lines = Array.from({ length: 500 }, (_, i) => `m,asset=P v=${i} ${i}\n`).join("");
  expect(feed("questdb", Buffer.from(lines))).toMatchObject({ rest: Buffer.alloc(0) });
  const long = `${lines}${"m".repeat(LINE_BYTES + 1)}\n${lines}`;
  const found = feed("questdb", Buffer.from(long), [lines.length + 10]);
  expect(found.failure).toBe("line-too-long");
  expect(whole(found)).toBe(lines);
});
