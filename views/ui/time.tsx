import { t } from "../texts/index.ts";
import type { Instant } from "./model.ts";

/** A time: words to read, date and zone on hover, ISO for machines. Undefined is "never". */
export function Time(props: { at: Instant | undefined }) {
  if (props.at === undefined) return <span class="faint">{t.common.never}</span>;
  return (
    <time datetime={props.at.iso} title={props.at.title}>
      {props.at.text}
    </time>
  );
}
