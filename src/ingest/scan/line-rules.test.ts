import { describe, expect, test } from "bun:test";
import type { LineChange, LineRule } from "../../domain/mapping-rule.ts";
import { previewLine } from "../line-preview.ts";

const AT_US = 1_790_000_000_000_000;

/** What a line becomes under one rule, as `measurement,tags field=kind:value @µs`, or why it does not. */
function made(
  line: string,
  changes: readonly (LineChange | LineRule)[],
  precision = "us" as const,
) {
  const rules = changes.map((one) =>
    "change" in one ? one : { measurement: undefined, change: one },
  );
  const bytes = new TextEncoder().encode(line);
  const sent = { bytes, dialect: "influx" as const, precision, defaultAtUs: AT_US };
  const outcome = previewLine(sent, rules);
  if (outcome.kind === "ignored") return "ignored";
  if (outcome.kind === "refused") return `refused: ${outcome.reason}`;
  const [first] = outcome.readings;
  const head = `${first?.measurement}${first?.tags.map(([k, v]) => `,${k}=${v}`).join("")}`;
  const fields = outcome.readings.map((r) => `${r.field}=${r.kind}:${r.text ?? r.value}`);
  return `${head} ${fields.join(",")} @${(first?.atUs ?? 0) - AT_US}`;
}

const drop = (part: "measurement" | "tag" | "field" | "line", name: string) =>
  ({ kind: "drop", part, name }) as const;
const rename = (part: "measurement" | "tag" | "field", name: string, to: string) =>
  ({ kind: "rename", part, name, to }) as const;
const convert = (name: string, to: "numeric" | "boolean" | "state") =>
  ({ kind: "convert", name, to }) as const;
const replace = (name: string, to: string) => ({ kind: "replace", name, to }) as const;
const inSeconds = { kind: "precision", precision: "s" } as const;

const PLAIN = `m,a=1,b=2 v=1.5,n=3i ${AT_US}`;

describe("rules of a source", () => {
  test.each([
    // name, line, changes, what it becomes
    ["no rule", PLAIN, [], "m,a=1,b=2 v=numeric:1.5,n=numeric:3 @0"],
    ["times in seconds", `m v=1 ${AT_US / 1e6}`, [inSeconds], "m v=numeric:1 @0"],
    ["a line without a time has its own", "m v=1", [inSeconds], "m v=numeric:1 @0"],
    [
      "another measurement's rule",
      PLAIN,
      [{ measurement: "x", change: drop("tag", "a") }],
      "m,a=1,b=2 v=numeric:1.5,n=numeric:3 @0",
    ],
    [
      "its own measurement's rule",
      PLAIN,
      [{ measurement: "m", change: drop("tag", "a") }],
      "m,b=2 v=numeric:1.5,n=numeric:3 @0",
    ],
    [
      "a rule sees what the one before made",
      PLAIN,
      [rename("measurement", "m", "x"), { measurement: "x", change: drop("field", "n") }],
      "x,a=1,b=2 v=numeric:1.5 @0",
    ],
    [
      "a tag with another name",
      PLAIN,
      [rename("tag", "a", "z")],
      "m,b=2,z=1 v=numeric:1.5,n=numeric:3 @0",
    ],
    [
      "a field with another name",
      PLAIN,
      [rename("field", "v", "w")],
      "m,a=1,b=2 w=numeric:1.5,n=numeric:3 @0",
    ],
    [
      "a name that is taken",
      PLAIN,
      [rename("field", "v", "n")],
      "refused: a rule renames field v to n, which the line has too",
    ],
    ["a measurement that is ignored", PLAIN, [drop("measurement", "m")], "ignored"],
    ["all fields ignored", PLAIN, [drop("field", "v"), drop("field", "n")], "ignored"],
    [
      "a text as number",
      `m v="2.5",t="x"`,
      [convert("v", "numeric")],
      "m v=numeric:2.5,t=state:x @0",
    ],
    ["a text with a comma", `m v=" 2,5 "`, [convert("v", "numeric")], "m v=numeric:2.5 @0"],
    [
      "a text that is none",
      `m v="2.5 bar"`,
      [convert("v", "numeric")],
      "refused: field v: a rule makes it numeric, and 2.5 bar is none",
    ],
    ["a boolean as number", "m v=t", [convert("v", "numeric")], "m v=numeric:1 @0"],
    ["a word as boolean", `m v="Off"`, [convert("v", "boolean")], "m v=boolean:0 @0"],
    ["a number as boolean", "m v=1", [convert("v", "boolean")], "m v=boolean:1 @0"],
    [
      "a number that is no boolean",
      "m v=2",
      [convert("v", "boolean")],
      "refused: field v: a rule makes it boolean, and 2 is none",
    ],
    ["a number as state", "m v=2.5", [convert("v", "state")], "m v=state:2.5 @0"],
    [
      "digits beyond a double as state",
      "m v=9007199254740993i",
      [convert("v", "state")],
      "m v=state:9007199254740993 @0",
    ],
    ["a boolean as state", "m v=f", [convert("v", "state")], "m v=state:false @0"],
    ["a line that cannot be read", "m v=None", [], "refused: invalid value None"],
    ["its text replaced", "m v=None,w=1", [replace("v=None,", "")], "m w=numeric:1 @0"],
    [
      "replaced, then the other rules",
      "m v=N/A,w=1",
      [replace("N/A", `""`), convert("w", "state")],
      "m v=state:,w=state:1 @0",
    ],
    [
      "a text that a readable line holds stays",
      `m v="None"`,
      [replace("None", "1")],
      "m v=state:None @0",
    ],
    ["still unreadable", "m v=None", [replace("None", "nil")], "refused: invalid value nil"],
    ["an unreadable line that is ignored", "m v=None", [drop("line", "=None")], "ignored"],
    ["a readable line is not", `m v="=None"`, [drop("line", "=None")], "m v=state:=None @0"],
    ["letters beyond ASCII", "m v=año", [replace("año", "1")], "m v=numeric:1 @0"],
  ] as const)("%s", (_name, line, changes, becomes) => {
    expect(made(line, changes)).toBe(becomes);
  });
});
