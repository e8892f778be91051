import { t } from "../texts/index.ts";
import { Icon } from "./icon.tsx";
import type { TimelineEntry } from "./model.ts";
import { SeverityGlyph } from "./severity.tsx";
import { StateGlyph } from "./status-badge.tsx";
import { Time } from "./time.tsx";

function Mark(props: { mark: TimelineEntry["mark"] }) {
  const { mark } = props;
  if (mark.kind === "severity")
    return <SeverityGlyph severity={mark.severity} acknowledged={mark.acknowledged} />;
  if (mark.kind === "state") return <StateGlyph state={mark.state} />;
  return <Icon name={mark.icon} />;
}

/** Alarms, work, notes, predictions and changes in one list, newest first. */
export function Timeline(props: { entries: readonly TimelineEntry[] }) {
  return (
    <ol class="tl">
      {props.entries.map((entry) => (
        <li>
          <Time at={entry.at} />
          <Mark mark={entry.mark} />
          <span>
            {entry.href === undefined ? (
              <b>{entry.title}</b>
            ) : (
              <a class="plain" href={entry.href}>
                <b>{entry.title}</b>
              </a>
            )}{" "}
            <span class="muted">{entry.detail}</span>
            {entry.foundLater && <span class="chip">{t.timeline.foundLater}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
