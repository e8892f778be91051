import { paths } from "../paths.ts";
import { t } from "../texts/index.ts";
import { Go } from "../ui/go.tsx";
import { Icon } from "../ui/icon.tsx";
import type { ExploreProps } from "./explore.tsx";

/** What words found; `undefined` hits when nothing was asked. */
export type ExploreFoundProps = {
  readonly hits:
    | readonly { readonly name: string; readonly sub: string; readonly href: string }[]
    | undefined;
  readonly note: string | undefined;
};

/** Range, resolution, and ways to move that need no dragging. */
export function ExploreBar(props: ExploreProps) {
  const e = t.explore;
  return (
    <div class="filters">
      <nav class="seg" aria-label={t.chart.range}>
        {props.ranges.map((range) => (
          <Go href={range.href} current={range.current}>
            {range.text}
          </Go>
        ))}
      </nav>
      <nav class="seg" aria-label={e.move}>
        <Go href={props.moves.earlier} id="explore-earlier" keys="ArrowLeft" label={e.earlier}>
          ←
        </Go>
        {props.moves.later !== undefined && (
          <Go href={props.moves.later} id="explore-later" keys="ArrowRight" label={e.later}>
            →
          </Go>
        )}
        <Go href={props.moves.closer} id="explore-closer" keys="+" label={e.closer}>
          +
        </Go>
        <Go href={props.moves.wider} id="explore-wider" keys="-" label={e.wider}>
          −
        </Go>
      </nav>
      <nav class="seg" aria-label={e.resolution}>
        {props.resolutions.map((one) => (
          <Go href={one.href} current={one.current}>
            {one.text}
          </Go>
        ))}
      </nav>
      <ExploreTimes {...props} />
    </div>
  );
}

function ExploreTimes(props: ExploreProps) {
  const e = t.explore;
  return (
    <details class="edit">
      <summary>{e.times}</summary>
      <form class="filters" method="get" action={paths.explore}>
        {props.fields
          .filter(([name]) => !["range", "from", "to"].includes(name))
          .map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
        <label class="row">
          {e.from}
          <input type="datetime-local" name="from" value={props.fromField} required />
        </label>
        <label class="row">
          {e.to}
          <input type="datetime-local" name="to" value={props.toField} required />
        </label>
        <button type="submit" class="btn">
          {t.acts.show}
        </button>
      </form>
    </details>
  );
}

/** Finds what can be added; with scripts while somebody writes. */
export function ExploreSearch(props: ExploreProps) {
  const e = t.explore;
  return (
    <search>
      <form
        class="filters"
        method="get"
        action={paths.explore}
        hx-get={paths.exploreFound}
        hx-target="#found"
        hx-swap="outerHTML"
        hx-trigger="submit, input changed delay:250ms from:#explore-q"
        hx-sync="this:replace"
      >
        {props.fields.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <input
          type="search"
          id="explore-q"
          name="q"
          value={props.q}
          aria-label={e.find}
          placeholder={e.find}
          maxlength={120}
          autocomplete="off"
        />
        <button type="submit" class="btn">
          <Icon name="find" />
          {e.go}
        </button>
      </form>
      <ExploreFound {...props.found} />
    </search>
  );
}

/** What words found, to add: `#found`. */
export function ExploreFound(props: ExploreFoundProps) {
  const e = t.explore;
  return (
    <div id="found" role="status">
      {props.hits !== undefined && props.hits.length > 0 && (
        <ul class="lines found panel">
          {props.hits.map((hit) => (
            <li>
              <span class="grow">
                {hit.name} <span class="muted sm">{hit.sub}</span>
              </span>
              <Go href={hit.href} class="btn" label={e.addOf(hit.name)}>
                <Icon name="plus" />
                {e.add}
              </Go>
            </li>
          ))}
        </ul>
      )}
      {props.note !== undefined && <p class="hint">{props.note}</p>}
    </div>
  );
}
