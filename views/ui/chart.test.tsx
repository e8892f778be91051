import { expect, test } from "bun:test";
import fc from "fast-check";
import { Chart, scriptJson } from "./chart.tsx";
import type { ChartProps } from "./chart-model.ts";
import { linePath, niceStep, plotOf, valueRange, valueTicks } from "./chart-scale.ts";

const base: ChartProps = {
  id: "c",
  title: "Vibration",
  unit: "mm/s",
  summary: "steady near 2",
  fromUs: 0,
  toUs: 100e6,
  nowUs: undefined,
  zone: "Europe/Warsaw",
  atUs: [0, 25e6, 50e6, 75e6, 100e6],
  values: [2, 2.5, 2, 1.5, 2],
  lineLabel: "measured",
  xTicks: [],
  limits: [],
};

const html = (props: Partial<ChartProps>) => String(<Chart {...base} {...props} />);
const traces = (text: string) => text.match(/class="tr" d="([^"]*)"/)?.[1] ?? "";

test("a chart without readings says so and what to do, and draws nothing", () => {
  const text = html({ values: [null, null, null, null, null] });
  expect(text).toContain("No readings in this time");
  expect(text).not.toContain("<svg");
});

test("a null breaks the line", () => {
  expect(traces(html({ values: [2, null, 2, 2, 2] })).match(/M/g)?.length).toBe(2);
});

test("a gap breaks the line even where no null stands in it, and says its length and cause", () => {
  const text = html({ gaps: [{ fromUs: 26e6, toUs: 49e6, label: "no data 23 s (GW-2)" }] });
  expect(traces(text).match(/M/g)?.length).toBe(2);
  expect(text).toContain("no data 23 s (GW-2)");
});

test.each([
  ["one value for all time", { values: [5, 5, 5, 5, 5] }],
  ["all zero", { values: [0, 0, 0, 0, 0] }],
  ["one reading", { atUs: [50e6], values: [3] }],
  ["a span of nothing", { fromUs: 7, toUs: 7 }],
  ["values that are no numbers", { values: [Number.NaN, 1, Number.POSITIVE_INFINITY, 2, 1] }],
] as const)("%s has no NaN in its picture", (_name, props) => {
  expect(html(props).replace(/<script.*?<\/script>/s, "")).not.toMatch(/NaN|Infinity|undefined/);
});

test("limits that are near are shown by name; those far off do not squash the line", () => {
  const text = html({
    limits: [
      { value: 3, severity: "warning", label: "warning 3" },
      { value: 900, severity: "critical", label: "critical 900" },
    ],
  });
  expect(text).toContain("warning 3");
  expect(text.replace(/<script.*?<\/script>/s, "")).not.toContain("critical 900");
});

test("its sentence is there for who cannot see it", () => {
  expect(html({})).toContain('aria-label="Vibration: steady near 2"');
});

test("a name cannot end the script that holds the numbers", () => {
  const text = html({ lineLabel: "</script><script>alert(1)</script>", title: "<b>" });
  expect(text).not.toContain("<script>alert");
  expect(text).not.toContain("<b>");
  expect(scriptJson("</script>\u2028<!--")).not.toMatch(/<|\u2028/);
  expect(JSON.parse(scriptJson("</script>\u2028"))).toBe("</script>\u2028");
});

test("at most two points a pixel, and no peak is lost", () => {
  const value = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 4_000 }), (values) => {
      const atUs = values.map((_, i) => (i / (values.length - 1)) * 100e6);
      const props = { ...base, atUs, values };
      const plot = plotOf(props, 400, 200);
      const ys = [...linePath(plot, atUs, values).matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)];
      expect(ys.length).toBeLessThanOrEqual(2 * (plot.right - plot.left + 2));
      const drawn = ys.map((point) => Number(point[2]));
      const most = Math.max(...values);
      const least = Math.min(...values);
      const { low, high } = valueRange(props);
      const yOf = (v: number) =>
        plot.bottom - ((v - low) / (high - low)) * (plot.bottom - plot.top);
      expect(Math.abs(Math.min(...drawn) - yOf(most))).toBeLessThan(0.1);
      expect(Math.abs(Math.max(...drawn) - yOf(least))).toBeLessThan(0.1);
    }),
    { numRuns: 60 },
  );
});

test.each([
  [10, 5, 2],
  [1, 4, 0.25],
  [7.3, 4, 2],
  [0.03, 3, 0.01],
])("a step for %p in %p is %p", (span, most, step) => {
  expect(niceStep(span, most)).toBeCloseTo(step, 10);
});

test("ticks lie inside, rise, and read differently", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      (low, span) => {
        const ticks = valueTicks(low, low + span, 4);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
        for (const tick of ticks) {
          expect(tick.value).toBeGreaterThanOrEqual(low - span * 1e-6);
          expect(tick.value).toBeLessThanOrEqual(low + span * (1 + 1e-6));
        }
      },
    ),
  );
});

test("words of marks never lie over each other: the newer has its words, the older what is left", () => {
  const mark = (atUs: number, label: string) => ({ kind: "work", atUs, label }) as const;
  const words = (marks: ChartProps["marks"]) =>
    [
      ...html({ marks: marks ?? [] }).matchAll(
        /<text x="([\d.]+)" y="[\d.]+" text-anchor="(start|end)">([^<]*bearing)/g,
      ),
    ].map(([, x, anchor, text]) => {
      const width = (text?.length ?? 0) * 5;
      const from = Number(x) - (anchor === "end" ? width : 0);
      return [from, from + width] as const;
    });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 12 }), (at) => {
      const spans = words(at.map((s) => mark(s * 1e6, "replaced the bearing"))).sort(
        (a, b) => a[0] - b[0],
      );
      for (const [i, span] of spans.entries()) {
        expect(span[1]).toBeLessThanOrEqual((spans[i + 1]?.[0] ?? 840) + 0.01);
      }
      if (new Set(at).size === 1) expect(spans.length).toBeGreaterThan(0);
    }),
  );
});
