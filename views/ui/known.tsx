import { t } from "../texts/index.ts";

/** A finished value, or "not known": never 0, a dash or NaN. */
export function Known(props: { text: string | undefined }) {
  if (props.text === undefined || props.text === "") {
    return <span class="faint">{t.common.notKnown}</span>;
  }
  return <>{props.text}</>;
}
