import type { Child } from "hono/jsx";
import { t } from "../texts/index.ts";

/** A box that scrolls sideways on a narrow screen and can be reached and scrolled by keys. */
export function Scroll(props: { label: string; children?: Child }) {
  return (
    <section class="scroll" tabindex={0} aria-label={t.common.tableOf(props.label)}>
      {props.children}
    </section>
  );
}
