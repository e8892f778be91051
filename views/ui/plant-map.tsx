import { paths, withQuery } from "../paths.ts";
import { t } from "../texts/index.ts";
import { ASSET_STATES, type AssetState, type StateMark } from "./model.ts";
import { StateGlyph, stateText } from "./status-badge.tsx";

export type MapAreaProps = {
  readonly name: string;
  readonly cells: readonly (StateMark & { readonly id: string; readonly label: string })[];
};

/** Over this many assets, an area is one row of counts. */
export const MAP_CELLS_MOST = 400;

/** Eight counts in the order of urgency; those that are zero are grey. */
export function Tally(props: { counts: Readonly<Record<AssetState, number>> }) {
  return (
    <ul class="tally" id="tally">
      {ASSET_STATES.map((state) => (
        <li>
          <StateGlyph state={state} decorative off={props.counts[state] === 0} />
          <a class="plain grow" href={withQuery(paths.assets, { state })}>
            {t.state[state]}
          </a>
          <b>{props.counts[state]}</b>
        </li>
      ))}
    </ul>
  );
}

/** One cell per asset, grouped by area, in a fixed order so that places are learnt. */
export function PlantMap(props: { areas: readonly MapAreaProps[] }) {
  const total = props.areas.reduce((sum, area) => sum + area.cells.length, 0);
  return (
    <div class="map" id="map">
      {props.areas.map((area) => (
        <section>
          <h3>
            <span>{area.name}</span>
            <span class="faint">{area.cells.length}</span>
          </h3>
          {total > MAP_CELLS_MOST ? <AreaCounts area={area} /> : <AreaCells area={area} />}
        </section>
      ))}
    </div>
  );
}

function AreaCells(props: { area: MapAreaProps }) {
  return (
    <div class="cells">
      {props.area.cells.map((cell) => {
        const label = `${cell.label}, ${stateText(cell)}`;
        return (
          <a class="cell" href={paths.asset(cell.id)} title={label} aria-label={label}>
            {cell.state !== "healthy" && <StateGlyph {...cell} decorative />}
          </a>
        );
      })}
    </div>
  );
}

function AreaCounts(props: { area: MapAreaProps }) {
  const seen = ASSET_STATES.map(
    (state) => [state, props.area.cells.filter((cell) => cell.state === state).length] as const,
  ).filter(([, count]) => count > 0);
  return (
    <p class="row wrap sm">
      {seen.map(([state, count]) => (
        <span>
          <StateGlyph state={state} /> {count}
        </span>
      ))}
    </p>
  );
}
