import { paths } from "../paths.ts";
import { t } from "../texts/index.ts";
import { ActButton } from "./form.tsx";
import type { FormKeys, Instant, SeverityMark } from "./model.ts";
import { SeverityGlyph } from "./severity.tsx";
import { Time } from "./time.tsx";

export type AlarmRowProps = {
  readonly id: string;
  readonly version: number;
  readonly mark: SeverityMark;
  readonly title: string;
  /** Undefined while its series is in the inbox. */
  readonly assetName: string | undefined;
  readonly assetHref: string | undefined;
  /** "7.4 mm/s, limit 7.1" */
  readonly value: string;
  readonly since: Instant;
  /** "22 min" */
  readonly lasted: string;
  /** "new", "Anna Nowak", "closed 14:31" */
  readonly state: string;
  readonly mayAcknowledge: boolean;
  /** Shown in the detail panel now. */
  readonly chosen: boolean;
};

/**
 * One alarm in a list. The name links to the detail; box and button do their own thing. The row owns its
 * id, so an act, or a live event, replaces it alone.
 */
export function AlarmRow(props: AlarmRowProps & { keys: FormKeys; mayAct: boolean }) {
  const rowId = `alarm-${props.id}`;
  const href = paths.alarm(props.id);
  return (
    <tr id={rowId} aria-selected={props.chosen ? "true" : undefined} data-row>
      <td class="tight box">
        {props.mayAct && props.mayAcknowledge && (
          <input
            type="checkbox"
            form="bulk"
            name="alarm"
            value={`${props.id}:${props.version}`}
            aria-label={t.alarms.select(props.title)}
            x-on:change="count"
          />
        )}
      </td>
      <td class="tight">
        <SeverityGlyph {...props.mark} />
      </td>
      <td class="what">
        <a
          class="plain"
          href={href}
          hx-get={href}
          hx-target="#detail"
          hx-swap="outerHTML"
          hx-push-url="true"
        >
          <b>{props.title}</b>
        </a>
        <span class="sub">{props.assetName ?? t.alarms.notAdopted}</span>
      </td>
      <td class="value">{props.value}</td>
      <td class="since">
        <Time at={props.since} />
        <span class="sub">{props.lasted}</span>
      </td>
      <td class="state">
        <span class="muted sm">{props.state}</span>
      </td>
      <td class="tight acts">
        {props.mayAct && props.mayAcknowledge && (
          <ActButton
            action={paths.alarmAcknowledgement(props.id)}
            keys={props.keys}
            name={`ack-${props.id}`}
            version={props.version}
            label={t.alarms.acknowledgeOne(props.title)}
            hx={{
              "hx-post": paths.alarmAcknowledgement(props.id),
              "hx-target": `#${rowId}`,
              "hx-swap": "outerHTML",
            }}
          >
            {t.acts.acknowledge}
          </ActButton>
        )}
      </td>
    </tr>
  );
}
