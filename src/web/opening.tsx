import { assetUrls } from "../../views/assets/index.ts";
import { LoadingPage } from "../../views/pages/loading.tsx";
import { DEMO_PHASES, type DemoView } from "../domain/demo-view.ts";
import { html } from "../lib/reply.ts";

const STEPS: readonly string[] = ["starting", "opening the stores", "reading the log"];

/** The page while the stores are being opened: it asks again by itself. */
export function openingPage(progress: {
  readonly current: string;
  readonly failure: string | undefined;
}): Promise<Response> {
  const here = STEPS.indexOf(progress.current);
  const page = LoadingPage({
    shell: { lang: "en", theme: "system", assets: assetUrls },
    phase: progress.current,
    phases: STEPS.map((label, i) => ({
      label,
      state: i < here ? ("done" as const) : i === here ? ("here" as const) : ("next" as const),
    })),
    percent: Math.round(((here + 1) / (STEPS.length + 1)) * 100),
    counts: [],
    failure: progress.failure,
    continueHref: undefined,
  });
  return html(page, 503, { "retry-after": "1" });
}

/** The page while the demo plant is being made, for whoever is not signed in yet. */
export function demoPage(view: DemoView): Promise<Response> {
  const here = view.phase === undefined ? -1 : DEMO_PHASES.indexOf(view.phase);
  const page = LoadingPage({
    shell: { lang: "en", theme: "system", assets: assetUrls },
    phase: view.phase ?? "Ready",
    phases: DEMO_PHASES.map((label, i) => ({
      label,
      state: i < here ? ("done" as const) : i === here ? ("here" as const) : ("next" as const),
    })),
    percent: Math.round(view.share * 100),
    counts: [{ label: "To look in meanwhile", value: "open the link that the console shows" }],
    failure: view.failure,
    continueHref: undefined,
  });
  return html(page);
}
