import type { Spark } from "./model.ts";

const WIDTH = 110;
const HEIGHT = 24;

/** Line pieces of a series, broken at missing values. */
function pieces(values: Spark, low: number, span: number): string {
  const step = values.length > 1 ? (WIDTH - 4) / (values.length - 1) : 0;
  let path = "";
  let open = false;
  values.forEach((value, i) => {
    if (value === null || !Number.isFinite(value)) {
      open = false;
      return;
    }
    const y = HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4);
    path += `${open ? "L" : "M"}${(2 + i * step).toFixed(1)} ${y.toFixed(1)}`;
    open = true;
  });
  return path;
}

/** The last 30 days in a word's width: grey always, the text beside it carries the state. */
export function Sparkline(props: { values: Spark; limit?: number | undefined }) {
  const known = props.values.filter(
    (value): value is number => value !== null && Number.isFinite(value),
  );
  if (known.length < 2) {
    return (
      <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <rect class="gap" x="1" y="1" width={WIDTH - 2} height={HEIGHT - 2} />
      </svg>
    );
  }
  const low = Math.min(...known);
  const high = Math.max(...known);
  const span = high - low || 1;
  const lastKnown = props.values.findLastIndex((value) => value !== null);
  const gapFrom = 2 + (lastKnown / Math.max(1, props.values.length - 1)) * (WIDTH - 4);
  const { limit } = props;
  const limitY =
    limit !== undefined && limit >= low && limit <= high
      ? HEIGHT - 2 - ((limit - low) / span) * (HEIGHT - 4)
      : undefined;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {limitY !== undefined && <path class="lim" d={`M0 ${limitY.toFixed(1)}H${WIDTH}`} />}
      <path d={pieces(props.values, low, span)} />
      {WIDTH - gapFrom > 6 && (
        <rect
          class="gap"
          x={gapFrom.toFixed(1)}
          y="1"
          width={(WIDTH - gapFrom).toFixed(1)}
          height="22"
        />
      )}
    </svg>
  );
}
