import { withQuery } from "../paths.ts";
import { t } from "../texts/index.ts";
import { Segments } from "./tabs.tsx";

const RANGES = ["24h", "7d", "60d", "1y"] as const;

/** How far back a chart shows, as links that keep the rest of the address. */
export function RangeLinks(props: {
  path: string;
  range: string;
  query?: Readonly<Record<string, string | undefined>>;
}) {
  return (
    <Segments
      label={t.chart.range}
      tabs={RANGES.map((range) => ({
        href: withQuery(props.path, { ...props.query, range }),
        label: t.chart.ranges[range],
        current: range === props.range,
      }))}
    />
  );
}

/** Crumbs of a page: links with slashes. */
export function Crumbs(props: { links: readonly { href: string; text: string }[] }) {
  return (
    <>
      {props.links.map((link, i) => (
        <>
          {i > 0 && " / "}
          <a href={link.href}>{link.text}</a>
        </>
      ))}
    </>
  );
}
