import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseLine } from "../ingest/scan/line.ts";
import {
  checkConfig,
  defineInput,
  encodeReadings,
  type Reading,
  redact,
  secret,
  Type,
} from "./index.ts";

const schema = Type.Object(
  {
    url: Type.String({ minLength: 1, description: "Address." }),
    password: secret({ description: "Password." }),
    rows: Type.Integer({ default: 10, minimum: 1, maximum: 20 }),
    mode: Type.Union([Type.Literal("a"), Type.Literal("b")], { default: "a" }),
    inner: Type.Optional(Type.Object({ token: secret() })),
  },
  { additionalProperties: false },
);
const good = { url: "x", password: "hunter2" };

test("defaults are filled in, and what was given is not changed", () => {
  const given = { ...good };
  expect(checkConfig("p", schema, given)).toEqual({ ...good, rows: 10, mode: "a" });
  expect(given).toEqual(good);
});

test.each([
  ["missing", { password: "hunter2" }, "p: url is missing"],
  ["of a wrong type", { ...good, rows: "5" }, "rows: expected"],
  ["out of range", { ...good, rows: 99 }, "rows: expected integer to be less or equal to 20"],
  ["none of the choices", { ...good, mode: "c" }, 'mode must be one of "a", "b"'],
  ["unknown", { ...good, colour: 1 }, "colour is not a setting of this plugin"],
  ["two at once", { rows: 0 }, "; "],
  ["no object", 7, "the configuration: expected object"],
  ["within another", { ...good, inner: {} }, "inner.token is missing"],
])("a setting that is %s is named", (_name, config, message) => {
  expect(() => checkConfig("p", schema, config)).toThrow(message);
});

test("a secret appears in no message and no log", () => {
  const config = { url: 5, password: ["hunter2"], inner: { token: "hunter2" } };
  let message = "";
  try {
    checkConfig("p", schema, config);
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain("password");
  expect(message).not.toContain("hunter2");
  expect(JSON.stringify(redact(schema, config))).not.toContain("hunter2");
  expect(redact(schema, good)).toEqual({ url: "x", password: "••••" });
});

const reading: Reading = { measurement: "m", tags: { asset: "a" }, field: "f", value: 1, atUs: 5 };
const encode = (over: Partial<Reading>) =>
  new TextDecoder().decode(encodeReadings([{ ...reading, ...over }]));

test.each([
  ["a number", {}, "m,asset=a f=1 5\n"],
  ["a text", { value: 'say "x\\y"' }, 'm,asset=a f="say \\"x\\\\y\\"" 5\n'],
  ["a boolean", { value: false }, "m,asset=a f=false 5\n"],
  ["tags in order", { tags: { z: "1", asset: "a" } }, "m,asset=a,z=1 f=1 5\n"],
  ["no tags", { tags: {} }, "m f=1 5\n"],
  [
    "names to escape",
    { measurement: "a b,c", tags: { "k =": "v,1" }, field: "f=g" },
    "a\\ b\\,c,k\\ \\==v\\,1 f\\=g=1 5\n",
  ],
  ["a large number", { value: 1e21 }, "m,asset=a f=1e+21 5\n"],
] as const)("encodeReadings: %s", (_name, over, expected) => {
  expect(encode(over)).toBe(expected);
});

test.each([
  ["NaN", { value: Number.NaN }, "skip it"],
  ["infinite", { value: Number.POSITIVE_INFINITY }, "skip it"],
  ["a time with a fraction", { atUs: 0.5 }, "not whole"],
  ["an empty name", { field: "" }, "is empty"],
  ["a line break in a name", { tags: { asset: "a\nb" } }, "line break"],
  ["a control character in a name", { field: "a\u0007" }, "control character"],
  ["a measurement that is a comment", { measurement: "#m" }, "comment"],
  ["a backslash at a name's end", { field: "f\\" }, "backslash"],
] as const)("encodeReadings refuses %s", (_name, over, message) => {
  expect(() => encode(over)).toThrow(message);
});

const name = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
    fc.stringMatching(/^[a,= \\"#]{1,6}$/),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name cannot hold
  .filter((text) => !/[\u0000-\u001f\u007f]/.test(text) && !text.endsWith("\\"));
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string({ unit: "grapheme" }),
  fc.stringMatching(/^["\\, a]{0,6}$/),
);

test("the scanner reads any reading back as it was", () => {
  const measurement = name.filter((text) => !text.startsWith("#"));
  const tags = fc.dictionary(name, name, { maxKeys: 3 });
  fc.assert(
    fc.property(measurement, tags, name, value, fc.integer(), (m, t, f, v, atUs) => {
      const bytes = encodeReadings([{ measurement: m, tags: t, field: f, value: v, atUs }]);
      const line = parseLine(bytes, 0, bytes.length, "influx");
      if (!("fields" in line)) throw new Error(line.reason);
      expect(line.measurement).toBe(m);
      expect(Object.fromEntries(line.tags)).toEqual({ ...t });
      const [field] = line.fields;
      expect([line.fields.length, field?.name]).toEqual([1, f]);
      if (typeof v === "string") expect(field?.text).toBe(v);
      else expect(field?.value).toBe(Number(v) + 0); // "-0" is written as 0
      expect(line.time).toBe(BigInt(atUs));
    }),
    { numRuns: 1_000 },
  );
});

test("a plugin is given its configuration checked and with defaults", async () => {
  const seen: unknown[] = [];
  const plugin = defineInput({
    id: "p",
    title: "P",
    config: Type.Object({ rows: Type.Integer({ default: 3 }) }),
    async *read(config) {
      seen.push(config.rows);
      yield { checkpoint: "1" };
    },
    async commit(config, checkpoint) {
      seen.push([config.rows, checkpoint]);
    },
  });
  const context = {
    checkpoint: undefined,
    signal: new AbortController().signal,
    log: () => {},
    openFile: () => Promise.reject(new Error("no files")),
    nowUs: () => 0,
    wait: async () => {},
  };
  for await (const batch of plugin.read({}, context)) await plugin.commit({}, batch.checkpoint);
  expect(seen).toEqual([3, [3, "1"]]);
  expect(() => plugin.check({ rows: "x" })).toThrow("p: rows");
});
