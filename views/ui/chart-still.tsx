import { t } from "../texts/index.ts";
import type { ChartMark, ChartProps } from "./chart-model.ts";
import { bandPath, linePath, type Plot, plotOf, valueTicks, xOf, yOf } from "./chart-scale.ts";
import { severityLetter } from "./severity.tsx";

const SHAPES = {
  e: "M-3 -8h6L8 -3v6L3 8h-6L-8 3v-6Z",
  c: "M0 -8.5 8.5 0 0 8.5 -8.5 0Z",
  w: "M0 -8 8.5 7H-8.5Z",
  i: "M-7.5 0a7.5 7.5 0 1 1 15 0 7.5 7.5 0 1 1-15 0Z",
} as const;

type Still = { readonly props: ChartProps; readonly plot: Plot; readonly wide: boolean };

/** The chart as a picture: for print, mail, and pages without scripts. */
export function StillChart(args: {
  props: ChartProps;
  width: number;
  height: number;
  class: string;
}) {
  const { props } = args;
  const plot = plotOf(props, args.width, args.height);
  const hasLinks = (props.marks ?? []).some((mark) => mark.href !== undefined);
  const clip = `${props.id}-clip-${args.width}`;
  const still: Still = { props, plot, wide: args.width > 500 };
  return (
    <svg
      class={`chart ${args.class}`}
      viewBox={`0 0 ${args.width} ${args.height}`}
      role={hasLinks ? "group" : "img"}
      aria-label={`${props.title}: ${props.summary}`}
    >
      <clipPath id={clip}>
        <rect
          x={plot.left}
          y={plot.top - 2}
          width={plot.right - plot.left}
          height={plot.bottom - plot.top + 2}
        />
      </clipPath>
      <Behind {...still} />
      <g clip-path={`url(#${clip})`}>
        <Shaded {...still} />
        <path class="tr" d={linePath(plot, props.atUs, props.values, props.gaps)} />
        <Traces {...still} />
        <Fan {...still} />
      </g>
      <Limits {...still} />
      <Now {...still} />
      <Marks {...still} />
    </svg>
  );
}

function Traces({ props, plot }: Still) {
  const traces = props.traces ?? [];
  return (
    <>
      {traces.map(({ look, atUs, low, high }) =>
        low === undefined || high === undefined ? null : (
          <path class={`rng s${look}`} d={bandPath(plot, atUs, low, high)} />
        ),
      )}
      {traces.map(({ look, atUs, values }) => (
        <path class={`tr s${look}`} d={linePath(plot, atUs, values)} />
      ))}
    </>
  );
}

function Behind({ props, plot, wide }: Still) {
  const ticks = valueTicks(plot.low, plot.high, props.small ? 3 : 4);
  const most = wide ? 8 : 4;
  const every = Math.max(1, Math.ceil(props.xTicks.length / most));
  return (
    <>
      {ticks.map((tick) => (
        <>
          <path class="g" d={`M${plot.left} ${yOf(plot, tick.value).toFixed(1)}H${plot.right}`} />
          <text x={plot.left - 6} y={(yOf(plot, tick.value) + 4).toFixed(1)} text-anchor="end">
            {tick.label}
          </text>
        </>
      ))}
      {!props.small && (
        <text x={plot.left - 6} y="14">
          {props.unit}
        </text>
      )}
      <path class="ax" d={`M${plot.left} ${plot.bottom}H${plot.right}`} />
      {props.xTicks
        .filter((tick, i) => i % every === 0 && isClear(plot, tick.atUs, props.nowUs))
        .map((tick) => (
          <text x={xOf(plot, tick.atUs).toFixed(1)} y={plot.height - 6} text-anchor="middle">
            {tick.label}
          </text>
        ))}
    </>
  );
}

/** What lies behind the line, kept inside the plot. */
function Shaded({ props, plot, wide }: Still) {
  const { band, shade } = props;
  return (
    <>
      {band !== undefined && (
        <rect
          class="band"
          x={plot.left}
          y={yOf(plot, band.high).toFixed(1)}
          width={xOf(plot, Math.min(props.nowUs ?? plot.toUs, plot.toUs)) - plot.left}
          height={(yOf(plot, band.low) - yOf(plot, band.high)).toFixed(1)}
        />
      )}
      {shade !== undefined && (
        <rect
          class="shade"
          x={xOf(plot, shade.fromUs).toFixed(1)}
          y={plot.top}
          width={Math.max(1, xOf(plot, shade.toUs) - xOf(plot, shade.fromUs)).toFixed(1)}
          height={plot.bottom - plot.top}
        />
      )}
      {(props.gaps ?? []).map((gap, i) => (
        <>
          <rect
            class="gap"
            x={xOf(plot, gap.fromUs).toFixed(1)}
            y={plot.top}
            width={Math.max(2, xOf(plot, gap.toUs) - xOf(plot, gap.fromUs)).toFixed(1)}
            height={plot.bottom - plot.top}
          />
          {wide && !props.small && i < 3 && (
            <text x={(xOf(plot, gap.toUs) + 4).toFixed(1)} y={plot.top + 10}>
              {gap.label}
            </text>
          )}
        </>
      ))}
      {props.compare !== undefined && (
        <path class="tr2" d={linePath(plot, props.compare.atUs, props.compare.values)} />
      )}
    </>
  );
}

/** Inside the plot, and not under the word that marks the present. */
function isClear(plot: Plot, atUs: number, nowUs: number | undefined): boolean {
  if (atUs < plot.fromUs || atUs > plot.toUs) return false;
  return nowUs === undefined || Math.abs(xOf(plot, atUs) - xOf(plot, nowUs)) > 34;
}

function Limits({ props, plot }: Still) {
  return (
    <>
      {props.limits
        .filter((limit) => limit.value >= plot.low && limit.value <= plot.high)
        .map((limit) => {
          const y = yOf(plot, limit.value);
          const kind = limit.severity === undefined ? "" : severityLetter(limit.severity);
          return (
            <>
              <path class={`lim ${kind}`} d={`M${plot.left} ${y.toFixed(1)}H${plot.right}`} />
              <text class={`on ${kind}`} x={plot.left + 3} y={(y - 4).toFixed(1)}>
                {limit.label}
              </text>
            </>
          );
        })}
    </>
  );
}

function Fan({ props, plot }: Still) {
  const { fan } = props;
  if (fan === undefined || fan.atUs.length < 2) return null;
  const high = fan.atUs.map((at, i) => point(plot, at, fan.high[i] ?? 0));
  const low = fan.atUs.map((at, i) => point(plot, at, fan.low[i] ?? 0)).toReversed();
  return <path class="fan" d={`M${[...high, ...low].join("L")}Z`} />;
}

function Now({ props, plot }: Still) {
  const { fan, nowUs } = props;
  const nowX = nowUs === undefined ? undefined : xOf(plot, nowUs);
  return (
    <>
      {fan !== undefined && (
        <text class="ink" x={plot.right} y={plot.top - 8} text-anchor="end">
          {fan.label}
        </text>
      )}
      {nowX !== undefined && nowX < plot.right - 1 && (
        <>
          <path class="now" d={`M${nowX.toFixed(1)} ${plot.top}V${plot.bottom}`} />
          <text class="ink" x={nowX.toFixed(1)} y={plot.height - 6} text-anchor="middle">
            {t.chart.now}
          </text>
        </>
      )}
    </>
  );
}

function point(plot: Plot, atUs: number, value: number): string {
  return `${xOf(plot, atUs).toFixed(1)} ${yOf(plot, value).toFixed(1)}`;
}

/** The value of the line at a time: of the nearest point that has one. */
function lineValue(props: ChartProps, atUs: number): number | undefined {
  let best: number | undefined;
  let distance = Number.POSITIVE_INFINITY;
  props.atUs.forEach((at, i) => {
    const value = props.values[i];
    if (value === null || value === undefined || Math.abs(at - atUs) >= distance) return;
    distance = Math.abs(at - atUs);
    best = value;
  });
  return best;
}

function Marks({ props, plot, wide }: Still) {
  const inside = (props.marks ?? []).filter(
    (mark) => mark.atUs >= plot.fromUs && mark.atUs <= plot.toUs,
  );
  const labels = wide ? footLabels(plot, inside) : new Map<ChartMark, FootLabel>();
  return (
    <>
      {inside.map((mark) => {
        const shape = <MarkShape props={props} plot={plot} mark={mark} label={labels.get(mark)} />;
        return mark.href === undefined ? (
          shape
        ) : (
          <a href={mark.href} aria-label={markText(mark)}>
            {shape}
          </a>
        );
      })}
    </>
  );
}

type FootLabel = "start" | "end";
/** Width of a letter of the foot's labels, on average. */
const LETTER = 6.2;

/** Which marks have room for their words, and on which side; the newest come first. */
function footLabels(plot: Plot, marks: readonly ChartMark[]): ReadonlyMap<ChartMark, FootLabel> {
  const labels = new Map<ChartMark, FootLabel>();
  const foot = marks.filter((mark) => mark.kind !== "alarm").sort((a, b) => b.atUs - a.atUs);
  let free = plot.right;
  for (const [i, mark] of foot.entries()) {
    const x = xOf(plot, mark.atUs);
    const width = mark.label.length * LETTER + 12;
    const before = foot.slice(i + 1).find((other) => x - xOf(plot, other.atUs) > 12);
    const left = before === undefined ? plot.left : xOf(plot, before.atUs) + 12;
    if (x + width <= free) labels.set(mark, "start");
    else if (x <= free && x - width >= left) labels.set(mark, "end");
    free = Math.min(free, labels.get(mark) === "end" ? x - width : x - 12);
  }
  return labels;
}

/** The name of a mark begins with what can be seen of it. */
function markText(mark: ChartMark): string {
  if (mark.kind !== "alarm") return mark.label;
  return `${severityLetter(mark.severity).toUpperCase()}, ${mark.label}`;
}

function MarkShape(args: {
  props: ChartProps;
  plot: Plot;
  mark: ChartMark;
  label: FootLabel | undefined;
}) {
  const { props, plot, mark, label } = args;
  const x = xOf(plot, mark.atUs);
  if (mark.kind === "alarm") {
    const value = lineValue(props, mark.atUs);
    const y = value === undefined ? plot.top : yOf(plot, value);
    const letter = severityLetter(mark.severity);
    return (
      <g
        class={`sev ${letter} ${mark.acknowledged ? "ack" : ""}`.trimEnd()}
        transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
      >
        <path d={SHAPES[letter as keyof typeof SHAPES]} />
        <text x="0" y={letter === "w" ? 5.5 : 3.5} text-anchor="middle" font-size="9">
          {letter.toUpperCase()}
        </text>
      </g>
    );
  }
  return (
    <g class="mark">
      <path class="mk" d={`M${x.toFixed(1)} ${plot.top}V${plot.bottom}`} />
      <circle cx={x.toFixed(1)} cy={plot.bottom + 11} r="3.5" />
      {label !== undefined && (
        <text
          x={(x + (label === "end" ? -7 : 7)).toFixed(1)}
          y={plot.bottom + 15}
          text-anchor={label}
        >
          {mark.label}
        </text>
      )}
    </g>
  );
}
