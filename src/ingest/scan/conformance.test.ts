import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { Precision } from "../../domain/engine.ts";
import { decodePoints, type Point } from "./points.ts";

// Public conformance data, kept beside the repository; the tests say so when it is absent.
const FOLDER = new URL("../../../../shared/conformance/line-protocol/", import.meta.url);
const INFLUX = new URL("influx-corpus.json", FOLDER);
const QUESTDB = new URL("questdb-ilp-interop.json", FOLDER);

/** Where we differ from InfluxDB's corpus, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  "579631bbe7f2e5bdbd98a380d381dd0c": "we keep the sign of -0; the corpus's JSON cannot tell",
  dfa6432a639651d02910c4527badb15c: "a comment may hold any bytes; it is skipped unread",
};

const PRECISIONS: Readonly<Record<string, Precision>> = {
  "1ns": "ns",
  "1µs": "us",
  "1ms": "ms",
  "1s": "s",
};

type Bytes = string | { readonly binary: string };
type CorpusCase = {
  readonly input: { text: Bytes; defaultTime: bigint | number; precision: string };
  readonly output: {
    readonly error?: string;
    readonly result?: readonly {
      readonly time: bigint | number;
      readonly name: Bytes;
      readonly tags: readonly { key: Bytes; value: Bytes }[];
      readonly fields: readonly { key: Bytes; value: Readonly<Record<string, unknown>> }[];
    }[];
  };
};

const bytesOf = (text: Bytes): Uint8Array =>
  typeof text === "string" ? new TextEncoder().encode(text) : Buffer.from(text.binary, "base64");
const textOf = (text: Bytes): string =>
  typeof text === "string" ? text : Buffer.from(text.binary, "base64").toString();

/** Whole numbers of 16 digits and more as BigInt: times are 64 bits. */
function parseExactly(text: string): unknown {
  const exact = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && /^-?\d{16,}$/.test(context?.source ?? "")
      ? BigInt(context?.source ?? 0)
      : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown); // the third argument is ES2025
}

function heldOf(value: Readonly<Record<string, unknown>>): unknown[] {
  const [kind, held] = Object.entries(value)[0] ?? ["", undefined];
  if (kind === "string") return [kind, textOf(held as Bytes)]; // the corpus's form of a string
  if (kind === "bool") return [kind, held];
  return kind === "float" ? [kind, Number(held)] : [kind, String(held)];
}

function fieldOf({ name, kind, value, text }: Point["fields"][number]): unknown[] {
  if (kind === "string") return [name, kind, text];
  if (kind === "bool") return [name, kind, value === 1];
  return kind === "float" ? [name, kind, value] : [name, kind, text ?? String(value)];
}

const sortedTags = (tags: readonly (readonly [string, string])[]) =>
  tags.map(([key, value]) => `${key}\0${value}`).sort();

/** What is wrong with our reading of the case; undefined when nothing is. */
function judge({ input, output }: CorpusCase): string | undefined {
  const got = decodePoints(bytesOf(input.text), {
    dialect: "influx",
    precision: PRECISIONS[input.precision] ?? "ns",
    defaultNs: BigInt(input.defaultTime),
  });
  if (output.error !== undefined)
    return got.errors.length > 0 ? undefined : `accepted, but: ${output.error}`;
  if (got.errors.length > 0) return `rejected: ${got.errors[0]?.reason}`;
  const want = (output.result ?? []).map((point) => [
    String(point.time),
    textOf(point.name),
    sortedTags(point.tags.map(({ key, value }) => [textOf(key), textOf(value)] as const)),
    point.fields.map(({ key, value }) => [textOf(key), ...heldOf(value)]),
  ]);
  const have = got.points.map((point) => [
    String(point.timeNs),
    point.measurement,
    sortedTags(point.tags),
    point.fields.map(fieldOf),
  ]);
  return Bun.deepEquals(want, have) ? undefined : JSON.stringify({ want, have });
}

describe.skipIf(!existsSync(INFLUX))("InfluxDB's corpus (absent: put it in ../shared)", () => {
  test("every decode case is read as the corpus says, but for the differences listed", () => {
    const corpus = parseExactly(readFileSync(INFLUX, "utf8")) as {
      decode: Readonly<Record<string, CorpusCase>>; // the file's documented form
    };
    const wrong = Object.entries(corpus.decode).flatMap(([key, one]) => {
      const problem = judge(one);
      return (problem === undefined) === key in DIFFERENCES ? [[key, problem]] : [];
    });
    expect(wrong).toEqual([]);
    expect(Object.keys(corpus.decode).length).toBeGreaterThan(3_000);
  });
});

type InteropCase = {
  readonly testName: string;
  readonly table: string;
  readonly symbols: readonly { readonly name: string; readonly value: string }[];
  readonly columns: readonly {
    readonly type: string;
    readonly name: string;
    readonly value: unknown;
  }[];
  readonly result: {
    readonly status: string;
    readonly line?: string;
    readonly anyLines?: readonly string[];
    readonly binaryBase64?: string;
  };
};

function columnOf({ type, name, value }: InteropCase["columns"][number]): unknown[] {
  if (type === "STRING") return [name, "string", value];
  if (type === "BOOLEAN") return [name, "bool", value];
  // A decimal has no negative zero.
  return [name, "number", type === "DECIMAL" ? Number(value) + 0 : Number(value)];
}

describe.skipIf(!existsSync(QUESTDB))(
  "QuestDB's interop cases (absent: put it in ../shared)",
  () => {
    test("each form of each line is read as its table, symbols and columns", () => {
      const cases = JSON.parse(readFileSync(QUESTDB, "utf8")) as InteropCase[]; // the file's documented form
      const wrong = cases.flatMap(({ testName, table, symbols, columns, result }) => {
        if (result.status !== "SUCCESS") return [];
        const forms = [result.line, ...(result.anyLines ?? [])].filter(
          (line) => line !== undefined,
        );
        const bodies: Uint8Array[] = forms.map((line) => new TextEncoder().encode(line));
        if (result.binaryBase64) bodies.push(Buffer.from(result.binaryBase64, "base64"));
        return bodies.flatMap((body) => {
          const got = decodePoints(body, { dialect: "questdb", precision: "ns", defaultNs: 0n });
          const have = got.points.map(({ measurement, tags, fields }) => [
            measurement,
            tags,
            fields.map((f) =>
              f.kind === "int" || f.kind === "float" ? [f.name, "number", f.value] : fieldOf(f),
            ),
          ]);
          const want = [
            [table, symbols.map(({ name, value }) => [name, value]), columns.map(columnOf)],
          ];
          return Bun.deepEquals(want, have)
            ? []
            : [[testName, JSON.stringify({ want, have }), got.errors]];
        });
      });
      expect(wrong).toEqual([]);
    });
  },
);
