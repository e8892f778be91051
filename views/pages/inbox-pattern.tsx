import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { ActButton, Keys, TextField } from "../ui/form.tsx";
import { Panel } from "../ui/panel.tsx";

/** A pattern and, when it was tried, what it would do with all that wait. */
export type PatternState = {
  readonly asset: string;
  readonly sensor: string;
  readonly found:
    | {
        readonly placed: number;
        readonly placedText: string;
        /** "12 fit the pattern. 3 lack a name in it." */
        readonly note: string;
        /** The same pattern stands for series to come already. */
        readonly isKept: boolean;
      }
    | undefined;
  readonly problem: string | undefined;
};

/** A pattern that places series to come. */
export type StandingPattern = {
  readonly id: string;
  readonly version: number;
  readonly asset: string;
  readonly sensor: string;
  /** Only series that hold this text in a name; empty = all. */
  readonly query: string;
  readonly madeBy: string;
};

/** Places many series by one pattern, after a look at what it would do. */
export function PatternPanel(props: { shell: Shell; pattern: PatternState }) {
  const { pattern } = props;
  const n = t.inbox;
  const errors = pattern.problem === undefined ? {} : { asset: pattern.problem };
  const form = { values: { asset: pattern.asset, sensor: pattern.sensor }, errors };
  return (
    <Panel id="pattern" title={n.byPattern}>
      <div class="pad stack">
        <form method="get" action={paths.inbox} class="across">
          <TextField form={form} name="asset" label={n.assetPattern} />
          <TextField form={form} name="sensor" label={n.sensorPattern} />
          <div class="field under">
            <button type="submit" class="btn">
              {n.preview}
            </button>
          </div>
        </form>
        <p class="sm muted">{n.patternHint}</p>
        {pattern.found !== undefined && <Tried {...props} found={pattern.found} />}
      </div>
    </Panel>
  );
}

function Tried(props: {
  shell: Shell;
  pattern: PatternState;
  found: NonNullable<PatternState["found"]>;
}) {
  const n = t.inbox;
  const { pattern, found } = props;
  return (
    <form method="post" action={paths.inboxPlacements} class="row wrap">
      <Keys keys={props.shell} name="place" />
      <input type="hidden" name="asset" value={pattern.asset} />
      <input type="hidden" name="sensor" value={pattern.sensor} />
      <p role="status">{found.note}</p>
      {found.placed > 0 && (
        <button type="submit" class="btn go">
          {n.placeAll(found.placedText)}
        </button>
      )}
      {!found.isKept && (
        <button type="submit" class="btn" formaction={paths.placementRules}>
          {n.keepPattern}
        </button>
      )}
    </form>
  );
}

/** The patterns that stand for series to come, with the way to drop each. */
export function StandingPanel(props: {
  shell: Shell;
  standing: readonly StandingPattern[];
  mayWrite: boolean;
}) {
  const n = t.inbox;
  return (
    <Panel id="standing" title={n.standing} foot={n.standingFoot}>
      <ul class="lines">
        {props.standing.map((rule) => (
          <li>
            <span class="grow">
              <code class="pre">{n.standingRule(rule.asset, rule.sensor)}</code>
              <span class="sub">{n.standingBy(rule.madeBy, rule.query)}</span>
            </span>
            {props.mayWrite && (
              <ActButton
                action={paths.placementRuleRemoval(rule.id)}
                keys={props.shell}
                name={`drop-pattern-${rule.id}`}
                version={rule.version}
                label={n.standingRemoveOf(n.standingRule(rule.asset, rule.sensor))}
              >
                {n.standingRemove}
              </ActButton>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
