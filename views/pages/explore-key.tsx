import { t } from "../texts/index.ts";
import type { ChartTrace } from "../ui/chart-model.ts";
import { Go } from "../ui/go.tsx";
import { Icon } from "../ui/icon.tsx";
import { SHADES, Swatch } from "../ui/lines-chart.tsx";

/** One line below its chart: what it is, its value under the cursor, and the way to drop it. */
export type KeyEntry = {
  readonly name: string;
  readonly href: string | undefined;
  readonly dropHref: string;
  readonly look: ChartTrace["look"];
};

export type StripKey = Omit<KeyEntry, "look"> & {
  readonly states: readonly {
    readonly text: string;
    readonly shade: number;
    readonly share: string;
  }[];
  readonly note: string | undefined;
};

function Name(props: { name: string; href: string | undefined }) {
  return props.href === undefined ? (
    <b>{props.name}</b>
  ) : (
    <a class="plain" href={props.href}>
      {props.name}
    </a>
  );
}

function Drop(props: { name: string; href: string }) {
  return (
    <Go href={props.href} class="btn quiet icon" label={t.explore.drop(props.name)}>
      <Icon name="close" />
    </Go>
  );
}

/** The lines of a chart by their strokes. */
export function ExploreKey(props: { entries: readonly KeyEntry[]; chartId: string }) {
  return (
    <ul class="keyed">
      {props.entries.map((entry, i) => (
        <li>
          <Swatch look={entry.look} />
          <Name {...entry} />
          <Drop name={entry.name} href={entry.dropHref} />
          <output data-value={`${props.chartId} ${i}`} />
        </li>
      ))}
    </ul>
  );
}

/** The states of a strip by their shades, with the share of time of each. */
export function ExploreStates(props: { entry: StripKey; stripId: string }) {
  const { entry } = props;
  return (
    <ul class="keyed">
      <li>
        <span class="row wrap">
          <Name {...entry} />
          {entry.states.map((state) => (
            <span class="row sm muted">
              <svg class="dot" viewBox="0 0 12 12" aria-hidden="true">
                <rect
                  class={SHADES[Math.min(state.shade, SHADES.length - 1)]}
                  width="12"
                  height="12"
                />
              </svg>
              {state.text} {state.share}
            </span>
          ))}
          {entry.note !== undefined && <span class="sm muted">{entry.note}</span>}
        </span>
        <Drop name={entry.name} href={entry.dropHref} />
        <output data-value={props.stripId} />
      </li>
    </ul>
  );
}
