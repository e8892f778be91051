import { t } from "../texts/index.ts";
import type { Health, Part } from "./model.ts";
import { PartList } from "./parts.tsx";
import { roundToTotal } from "./rounding.ts";

/** "c", "w" or "" for a score and its floors. */
export function healthClass(health: Health): string {
  if (health.score === undefined) return "blind";
  if (health.score < health.criticalBelow) return "c";
  return health.score < health.warningBelow ? "w" : "";
}

/** A bar of a share from 0 to 1. */
export function Bar(props: { share: number; kind?: string }) {
  const width = Math.round(Math.min(1, Math.max(0, props.share)) * 1_000) / 10;
  return (
    <svg class={`hb ${props.kind ?? ""}`.trimEnd()} aria-hidden="true">
      <rect width={`${width}%`} height="100%" rx="3" />
    </svg>
  );
}

/** A number, a bar and a floor; grey until it is bad. Not known is "?" and a hatched, dashed bar. */
export function HealthBar(props: { health: Health }) {
  const { score } = props.health;
  if (score === undefined) {
    return (
      <span class="health">
        <b>
          <span aria-hidden="true">?</span>
          <span class="vh">{t.health.unknown}</span>
        </b>
        <span class="hb blind" />
      </span>
    );
  }
  return (
    <span class="health">
      <b>{Math.round(score)}</b>
      <Bar share={score / 100} kind={healthClass(props.health)} />
    </span>
  );
}

/** 100 minus named parts = the score, as one bar and as a list that adds up. */
export function LostPoints(props: { health: Health; parts: readonly Part[] }) {
  if (props.health.score === undefined) return null;
  const score = Math.round(props.health.score);
  const points = roundToTotal(
    props.parts.map((part) => part.value),
    100 - score,
  );
  const label = t.health.left(score);
  let at = score;
  return (
    <>
      <svg class={`lost ${healthClass(props.health)}`.trimEnd()} role="img" aria-label={label}>
        <rect class="keep" width={`${score}%`} height="100%" />
        {score >= 14 && (
          <text class="keep" x={`${score / 2}%`} y="15" text-anchor="middle">
            {label}
          </text>
        )}
        {points.map((lost) => {
          const from = at;
          at += lost;
          return (
            lost > 0 && (
              <>
                <rect class="gone" x={`${from}%`} width={`${lost}%`} height="100%" />
                {lost >= 5 && (
                  <text x={`${from + lost / 2}%`} y="15" text-anchor="middle">
                    {lost}
                  </text>
                )}
              </>
            )
          );
        })}
      </svg>
      <PartList
        parts={props.parts.map((part) => ({ label: part.label, value: -part.value }))}
        total={score - 100}
        sumLabel={t.health.minus(100 - score)}
        sumText={String(score)}
        aligned
      />
    </>
  );
}
