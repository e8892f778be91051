import { paths } from "./paths.ts";

/** What an open page shows of each kind, and which events say that it may have changed. */
type LivePage = {
  /** Names of changes: alerts, work, jobs, inbox, uploads. */
  readonly on: readonly string[];
  /** Ids of the regions that are fetched again then. */
  readonly regions: readonly string[];
  /** Values move by themselves: fetch again after so many seconds, with the next tick. */
  readonly everyS?: number;
};

const PAGES: Readonly<Record<string, LivePage>> = {
  now: {
    on: ["alerts", "work", "jobs"],
    regions: ["opening", "needs", "risks", "work", "plant", "health"],
    everyS: 30,
  },
  assets: { on: ["alerts"], regions: ["asset-list"], everyS: 60 },
  asset: {
    on: ["alerts", "work", "jobs"],
    regions: ["state", "chart-panel", "health-panel", "forecast", "sensors", "timeline"],
    everyS: 15,
  },
  sensor: { on: ["alerts"], regions: ["value", "numbers", "marks"], everyS: 15 },
  alarms: { on: ["alerts"], regions: ["opening", "alarm-list"] },
  alarm: { on: ["alerts"], regions: ["detail"] },
  work: { on: ["work"], regions: ["opening", "board", "learned"] },
  jobs: { on: ["jobs"], regions: ["opening", "jobs", "runs"], everyS: 10 },
  ingest: { on: ["inbox", "uploads"], regions: ["opening", "sources", "rate"], everyS: 15 },
  uploads: { on: ["uploads"], regions: ["uploads"] },
};

/** Shown around every page, so they are fetched with it. */
const FRAME = ["count-now", "count-alarms", "count-work", "count-ingest", "clock", "fresh"];

/**
 * Keeps an open page true: one event stream says what changed, and the page's regions are fetched again
 * in one request, whole page asked for, and replaced by their ids. Without scripts it does nothing.
 */
export function Live(props: { page: string; here: string }) {
  const kind = props.page.split(":")[0] ?? "";
  const page = PAGES[kind];
  if (page === undefined) return null;
  const triggers = ["refresh", ...page.on.map((name) => `sse:${name}`)];
  if (page.everyS !== undefined) triggers.push(`sse:tick throttle:${page.everyS}s`);
  return (
    <div
      id="live"
      hidden
      hx-ext="sse"
      sse-connect={`${paths.live}?page=${encodeURIComponent(props.page)}`}
      hx-get={props.here}
      hx-trigger={triggers.join(", ")}
      hx-select-oob={[...page.regions, ...FRAME].map((id) => `#${id}`).join(",")}
      hx-swap="none"
      hx-headers='{"HX-History-Restore-Request":"true"}'
    />
  );
}
