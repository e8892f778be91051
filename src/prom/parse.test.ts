import { expect, test } from "bun:test";
import type { Expression } from "./expression.ts";
import { parse } from "./parse.ts";

/** An expression in full parentheses. */
function shown(node: Expression): string {
  switch (node.kind) {
    case "number":
      return String(node.value);
    case "text":
      return JSON.stringify(node.value);
    case "selector": {
      const matchers = node.matchers.map(({ name, op, value }) => `${name}${op}${value}`);
      const at = node.at === undefined ? "" : `@${node.at}`;
      return `{${matchers.join(",")}}${at}${node.offsetUs === 0 ? "" : `-${node.offsetUs / 1e6}s`}`;
    }
    case "range":
      return `${shown(node.selector)}[${node.rangeUs / 1e6}s]`;
    case "subquery":
      return `${shown(node.inner)}[${node.rangeUs / 1e6}s:${(node.stepUs ?? 0) / 1e6}s]`;
    case "negate":
      return `(-${shown(node.inner)})`;
    case "binary":
      return `(${shown(node.left)}${node.op}${node.isBool ? "bool" : ""}${shown(node.right)})`;
    case "call":
      return `${node.name}(${node.args.map(shown).join(",")})`;
    case "aggregate": {
      const { isWithout, labels } = node.grouping;
      return `${node.name}${isWithout ? " without" : " by"}[${labels}](${node.args.map(shown).join(",")})`;
    }
  }
}

test.each([
  ["1 + 2 * 3 ^ 2 ^ 0.5 - 4", "((1+(2*(3^(2^0.5))))-4)"],
  ["-2 ^ 2 * 3", "((-(2^2))*3)"],
  ["-(1 + 2)", "(-(1+2))"],
  ["1 > bool 2 == bool 3", "((1>bool2)==bool3)"],
  ["a or b and c unless d", "({__name__=a}or(({__name__=b}and{__name__=c})unless{__name__=d}))"],
  ["a + b offset 5m * c", "({__name__=a}+({__name__=b}-300s*{__name__=c}))"],
  ["-a offset 1m", "(-{__name__=a}-60s)"],
  ["a[5m] offset -1m @ 3", "{__name__=a}@3000000--60s[300s]"],
  ["a @ end()", "{__name__=a}@end"],
  ["max_over_time(rate(a[1m])[1h:30s])", "max_over_time(rate({__name__=a}[60s])[3600s:30s])"],
  ["SUM(a) BY (x, y)", "sum by[x,y]({__name__=a})"],
  ["topk without (x) (3, a)", "topk without[x](3,{__name__=a})"],
  ['{__name__="a b", "c.d"!~"e"}', "{__name__=a b,c.d!~e}"],
  ["a{b='it\\'s',c=`\\d`}", "{__name__=a,b=it's,c=\\d}"],
  ["1h30m + 0x1F + 1e3 + Inf", "(((5400+31)+1000)+Infinity)"],
  ["a # a comment\n  + b", "({__name__=a}+{__name__=b})"],
])("%s", (query, expected) => {
  expect(shown(parse(query))).toBe(expected);
});

test.each([
  ["foo bar", '1:5: parse error: unexpected input near "bar"'],
  ["sum(a", "1:6: parse error: unexpected input at the end"],
  ["1 +\n)", "2:1: parse error"],
  ["{}", "at least one non-empty matcher"],
  ["(a)[5m] + (a + b)[5m]", "ranges only allowed for vector selectors"],
  ["sum(a) offset 5m", "offset and @ must be preceded by a selector"],
  ['a{b=~"("}', 'error parsing regexp "("'],
  ["a[0s]", "duration must be greater than 0"],
  ["", "no expression found"],
])("%s is refused and told why", (query, message) => {
  expect(() => parse(query)).toThrow(message);
});
