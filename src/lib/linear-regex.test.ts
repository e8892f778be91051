import { expect, test } from "bun:test";
import fc from "fast-check";
import { compileRegex } from "./linear-regex.ts";

test.each([
  // pattern, text, groups or undefined
  ["a.*b", "a\nb", ["a\nb"]],
  ["a|b|", "", [""]],
  ["(a+)(a*)", "aaa", ["aaa", "aaa", ""]],
  ["(a+?)(a*)", "aaa", ["aaa", "a", "aa"]],
  ["(?:x|(y))z", "xz", ["xz", undefined]],
  ["(?P<host>[^:]+):(\\d{2,4})", "db-1:5432", ["db-1:5432", "db-1", "5432"]],
  ["(?i)Pump", "PUMP", ["PUMP"]],
  ["[a-c\\-]{3}", "a-c", ["a-c"]],
  ["[^a-c]", "b", undefined],
  ["[]x]+", "]x", ["]x"]],
  ["\\x41\\.", "A.", ["A."]],
  ["[[:alpha:]_]+", "ab_", ["ab_"]],
  ["^a$", "a", ["a"]],
  ["a{2}", "aaa", undefined],
  ["a{2,}", "aaaa", ["aaaa"]],
  ["😀.", "😀😀", ["😀😀"]],
] as const)("%s on %p", (pattern, text, groups) => {
  expect(compileRegex(pattern).match(text) as unknown).toEqual(groups);
});

test.each(["(", ")", "*a", "a**", "[a", "\\b", "(?=a)", "\\1", "a{2,1}", "a{1001}", "(?<n", "\\"])(
  "%s is refused",
  (pattern) => {
    expect(() => compileRegex(pattern)).toThrow();
  },
);

test("what makes a backtracking machine slow makes this one large at most", () => {
  expect(compileRegex("(a+)+b").match("a".repeat(2_000))).toBeUndefined();
  expect(() => compileRegex("((a{100}){100}){100}")).toThrow("too large");
});

test("it agrees with the runtime's own expressions", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "(b)");
  const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{1,2}", "*?"));
  const pattern = fc.array(piece, { maxLength: 5 }).map((parts) => parts.flat().join(""));
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      const theirs = new RegExp(`^(?:${source})$`, "su").exec(subject);
      const ours = compileRegex(source).match(subject);
      expect(ours === undefined).toBe(theirs === null);
      if (theirs !== null && !/\*\)|\+\)/.test(source))
        expect([...(ours ?? [])]).toEqual([...theirs]);
    }),
    { numRuns: 500 },
  );
});
