import { expect, test } from "bun:test";
import { SEVERITIES } from "../../src/domain/rule.ts";
import { HealthBar, healthClass, LostPoints } from "./health.tsx";
import { Known } from "./known.tsx";
import { Ladder, LadderStand } from "./ladder.tsx";
import { ASSET_STATES } from "./model.ts";
import { Range } from "./range.tsx";
import { SeverityGlyph, severityText } from "./severity.tsx";
import { Sparkline } from "./spark.tsx";
import { StateGlyph, StatusBadge } from "./status-badge.tsx";
import { Time } from "./time.tsx";

const floors = { warningBelow: 60, criticalBelow: 40 };

test.each([
  ["healthy has no colour", 60, ""],
  ["just under the warning floor", 59.9, "w"],
  ["just under the critical floor", 39.9, "c"],
  ["zero", 0, "c"],
  ["not known is blind, never healthy", undefined, "blind"],
])("health: %s", (_name, score, kind) => {
  expect(healthClass({ score, ...floors })).toBe(kind);
});

test("health that is not known is a question mark with words, never 0", () => {
  const html = String(<HealthBar health={{ score: undefined, ...floors }} />);
  expect(html).toContain("health not known");
  expect(html).not.toContain("0%");
});

test("lost points: the bar's parts and the list add up to 100 minus the score", () => {
  const parts = [
    { label: "limits exceeded", value: 31.4 },
    { label: "age", value: 34.6 },
  ];
  const html = String(<LostPoints health={{ score: 34, ...floors }} parts={parts} />);
  expect(html).toContain("34 left");
  expect(html).toContain("\u221231");
  expect(html).toContain("\u221235");
  expect(html).toContain("100 minus 66");
});

test("each severity has its own shape and letter, so colour is never alone", () => {
  const glyphs = SEVERITIES.map((severity) => String(<SeverityGlyph severity={severity} />));
  expect(new Set(glyphs.map((html) => html.match(/ d="([^"]*)"/)?.[1])).size).toBe(4);
  expect(glyphs.map((html) => html.match(/>([A-Z])</)?.[1])).toEqual(["I", "W", "C", "E"]);
});

test.each([
  [{ severity: "critical" as const }, "Critical", 'class="sev c"'],
  [{ severity: "critical" as const, acknowledged: true }, "Critical, acknowledged", "sev c ack"],
  [{ severity: "warning" as const, off: true }, "Warning", "sev w off"],
])("severity %p says it in words", (mark, words, names) => {
  expect(severityText(mark)).toBe(words);
  const html = String(<SeverityGlyph {...mark} />);
  expect(html).toContain(`aria-label="${words}"`);
  expect(html).toContain(names);
});

test("a glyph beside its words is hidden from a screen reader", () => {
  const html = String(<SeverityGlyph severity="warning" decorative />);
  expect(html).toContain('aria-hidden="true"');
  expect(html).not.toContain("aria-label");
});

test("every state has a glyph of its own and a word", () => {
  const glyphs = ASSET_STATES.map((state) => String(<StateGlyph state={state} />));
  expect(new Set(glyphs).size).toBe(ASSET_STATES.length);
  for (const state of ASSET_STATES)
    expect(String(<StatusBadge state={state} />).toLowerCase()).toContain(`>${state}`);
});

test.each([
  ["no value", [], 1],
  ["one value is no line", [1], 1],
  ["only gaps", [null, null, null], 1],
])("sparkline: %s is hatched, not drawn", (_name, values, gaps) => {
  const html = String(<Sparkline values={values} />);
  expect(html.match(/class="gap"/g)?.length).toBe(gaps);
  expect(html).not.toContain("NaN");
});

test("a sparkline never joins across a gap", () => {
  const html = String(<Sparkline values={[1, 2, null, 2, 1]} />);
  expect(html.match(/M[\d.]/g)?.length).toBe(2);
});

test("a flat or broken line has no NaN in it", () => {
  for (const values of [
    [5, 5, 5],
    [Number.NaN, 1, 2],
    [1, Number.POSITIVE_INFINITY, 2],
  ])
    expect(String(<Sparkline values={values} limit={5} />)).not.toMatch(/NaN|Infinity/);
});

test("a range names both ends and the middle, also when it leaves its scale", () => {
  const html = String(
    <Range
      low={9}
      middle={14}
      high={80}
      end={40}
      severity="critical"
      lowLabel="9 d"
      middleLabel="14 d"
      highLabel="80 d"
      endLabel="40 d"
    />,
  );
  expect(html).toContain("Between 9 d and 80 d from now, most likely 14 d");
  expect(html).not.toMatch(/x="(1[0-9][1-9]|1[1-9]0|[2-9][0-9]{2})%"/);
});

test("the ladder says where it stands", () => {
  const steps = [
    { label: "a", detail: "", state: "done" as const },
    { label: "b", detail: "<u>", state: "here" as const },
  ];
  expect(String(<LadderStand steps={steps} />)).toContain("step 2 of 2");
  expect(String(<Ladder steps={steps} />)).toContain('aria-current="step"');
  expect(String(<Ladder steps={steps} />)).toContain("&lt;u&gt;");
});

test("missing is not known, or never; not 0, a dash or NaN", () => {
  expect(String(<Known text={undefined} />)).toContain("not known");
  expect(String(<Time at={undefined} />)).toContain("never");
});
