import { raw } from "hono/html";
import { t } from "../texts/index.ts";
import { scriptJson } from "./chart.tsx";
import type { ChartProps, ChartTrace } from "./chart-model.ts";
import { StillChart } from "./chart-still.tsx";

/** A chart of several lines of one unit, with what its cursor reads. */
export type LinesChartProps = ChartProps & { readonly traces: readonly ChartTrace[] };

const seconds = (atUs: number) => Math.round(atUs / 1_000) / 1_000;
const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(6)));

/** The numbers that the browser draws and reads from; times in seconds, as uPlot wants them. */
function dataOf(props: LinesChartProps) {
  return {
    unit: props.unit,
    zone: props.zone,
    from: seconds(props.fromUs),
    to: seconds(props.toUs),
    gaps: (props.gaps ?? []).map(({ fromUs, toUs }) => [seconds(fromUs), seconds(toUs)]),
    lines: props.traces.map(({ look, decimals, stepUs, atUs, values, low, high }) => ({
      ...{ look, decimals, step: stepUs / 1e6, x: atUs.map(seconds), y: values.map(short) },
      ...{ low: low?.map(short), high: high?.map(short) },
    })),
  };
}

/** A still picture in two sizes, and the numbers for the browser, which draws into the same box. */
export function LinesChart(props: LinesChartProps) {
  return (
    <figure class="chart-box explored" id={props.id} data-lines={`${props.id}-data`}>
      <StillChart props={props} width={1_160} height={260} class="desk" />
      <StillChart props={props} width={358} height={220} class="phone-only" />
      <script type="application/json" id={`${props.id}-data`}>
        {raw(scriptJson(dataOf(props)))}
      </script>
      <figcaption class="vh">{props.summary}</figcaption>
    </figure>
  );
}

/** The line's own stroke beside its name. */
export function Swatch(props: { look: ChartTrace["look"] }) {
  return (
    <svg class="swatch" viewBox="0 0 26 10" aria-hidden="true">
      <path class={`s${props.look}`} d="M0 5H26" />
    </svg>
  );
}

/** Shades of a strip; more states than shades share the last. */
export const SHADES = ["k0", "k1", "k2", "k3", "k4", "k5", "k6"] as const;

export type StripProps = {
  readonly id: string;
  readonly name: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly runs: readonly {
    readonly fromUs: number;
    readonly toUs: number;
    readonly text: string;
    readonly shade: number;
    /** "running, 14:10 to 15:02" */
    readonly title: string;
  }[];
  /** The sentence for who does not see it. */
  readonly summary: string;
};

/** States over time as a band; where nothing is known it is empty. */
export function StateStrip(props: StripProps) {
  const x = (atUs: number) => ((atUs - props.fromUs) / (props.toUs - props.fromUs)) * 1_000;
  const data = props.runs.map(({ fromUs, toUs, text }) => [seconds(fromUs), seconds(toUs), text]);
  return (
    <div class="strip" id={props.id} data-strip={`${props.id}-data`}>
      <svg
        viewBox="0 0 1000 22"
        preserveAspectRatio="none"
        role="img"
        aria-label={t.explore.stripLabel(props.name, props.summary)}
      >
        <rect class="gap-all" width="1000" height="22" />
        {props.runs.map((run) => (
          <rect
            class={SHADES[Math.min(run.shade, SHADES.length - 1)]}
            x={x(run.fromUs).toFixed(2)}
            width={Math.max(0.5, x(run.toUs) - x(run.fromUs)).toFixed(2)}
            height="22"
          >
            <title>{run.title}</title>
          </rect>
        ))}
      </svg>
      <script type="application/json" id={`${props.id}-data`}>
        {raw(scriptJson(data))}
      </script>
    </div>
  );
}
