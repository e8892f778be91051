import { expect, test } from "bun:test";
import { checkLineRule, type LineChange, suggestedChange } from "./mapping-rule.ts";

const of = (change: LineChange, measurement?: string) => ({ measurement, change });

test.each([
  ["an empty name", of({ kind: "drop", part: "tag", name: "" }), "name is empty"],
  ["an empty measurement", of({ kind: "precision", precision: "s" }, ""), "measurement is empty"],
  [
    "a new name that is empty",
    of({ kind: "rename", part: "tag", name: "a", to: "" }),
    "to is empty",
  ],
  ["the same name", of({ kind: "rename", part: "tag", name: "a", to: "a" }), "is the old one"],
  ["a line end", of({ kind: "replace", name: "a", to: "b\n" }), "holds a line end"],
  ["a long name", of({ kind: "convert", name: "x".repeat(201), to: "state" }), "over 200"],
] as const)("%s is refused", (_name, rule, message) => {
  expect(() => checkLineRule(rule)).toThrow(message);
});

test("a text may be replaced by nothing", () => {
  expect(() => checkLineRule(of({ kind: "replace", name: "a", to: "" }))).not.toThrow();
});

test.each([
  ["field v is numeric, the line has state", { kind: "convert", name: "v", to: "numeric" }],
  ["field a b is state, the line has numeric", { kind: "convert", name: "a b", to: "state" }],
  ["field w is waveform, the line has numeric", undefined],
  [
    "timestamp out of range; it must lie within 285 years of 1970",
    { kind: "precision", precision: "ns" },
  ],
  [
    "a new series, and the tenant holds as many as it may; …",
    { kind: "drop", part: "tag", name: "" },
  ],
  ["invalid value None", { kind: "replace", name: "None", to: "" }],
  ["missing fields", undefined],
] as const)("for %s", (reason, change) => {
  expect(suggestedChange(reason)).toEqual(change as LineChange | undefined);
});
