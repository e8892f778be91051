import { t } from "../texts/index.ts";
import type { Paging as PagingProps } from "./model.ts";

/** How many are shown, in words, and the way to the next page. */
export function Paging(props: { paging: PagingProps }) {
  return (
    <>
      {props.paging.countText}{" "}
      {props.paging.nextHref !== undefined && <a href={props.paging.nextHref}>{t.common.next}</a>}
    </>
  );
}
