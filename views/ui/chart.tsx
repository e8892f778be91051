import { raw } from "hono/html";
import { t } from "../texts/index.ts";
import type { ChartProps } from "./chart-model.ts";
import { StillChart } from "./chart-still.tsx";

/** JSON that is safe inside a script element: nothing in it can end the element or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

/** The numbers that the browser's chart takes over with; times in seconds, as uPlot wants them. */
function dataOf(props: ChartProps) {
  return {
    unit: props.unit,
    zone: props.zone,
    from: props.fromUs / 1e6,
    to: props.toUs / 1e6,
    x: props.atUs.map((at) => Math.round(at / 1e5) / 10),
    y: props.values.map((value) => (value === null ? null : Number(value.toPrecision(5)))),
    label: props.lineLabel,
    limits: props.limits.map((limit) => ({ v: limit.value, s: limit.severity, l: limit.label })),
    gaps: (props.gaps ?? []).map((gap) => [gap.fromUs / 1e6, gap.toUs / 1e6]),
  };
}

/**
 * A still picture in two sizes and, unless small, the numbers for the browser's chart that takes over
 * the same box. A chart without points says so.
 */
export function Chart(props: ChartProps) {
  const known = props.values.some((value) => value !== null);
  if (!known) {
    return (
      <div class="empty" id={props.id}>
        <h3>{t.chart.emptyTitle}</h3>
        <p>{t.chart.emptyText}</p>
      </div>
    );
  }
  if (props.small) {
    return (
      <div class="chart-box" id={props.id}>
        <StillChart props={props} width={340} height={150} class="small" />
      </div>
    );
  }
  return (
    <figure class="chart-box" id={props.id} data-chart={`${props.id}-data`}>
      <StillChart
        props={props}
        width={props.wide ? 1_160 : 820}
        height={props.wide ? 340 : 290}
        class="desk"
      />
      <StillChart props={props} width={358} height={220} class="phone-only" />
      <script type="application/json" id={`${props.id}-data`}>
        {raw(scriptJson(dataOf(props)))}
      </script>
      <figcaption class="vh">{props.summary}</figcaption>
    </figure>
  );
}

/** What the layers of a chart mean. */
export function Legend(props: ChartProps) {
  return (
    <span class="legend">
      <span>
        <i class="l" />
        {props.lineLabel}
      </span>
      {props.compare !== undefined && (
        <span>
          <i class="d" />
          {props.compare.label}
        </span>
      )}
      {props.band !== undefined && (
        <span>
          <i class="b" />
          {props.band.label}
        </span>
      )}
      {(props.gaps ?? []).length > 0 && (
        <span>
          <i class="h" />
          {t.chart.noData}
        </span>
      )}
      {props.fan !== undefined && (
        <span>
          <i class="f" />
          {t.chart.fan}
        </span>
      )}
    </span>
  );
}
