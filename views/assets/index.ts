import cssText from "../../build/app.css" with { type: "text" };
import alpineText from "../../node_modules/@alpinejs/csp/dist/cdn.min.js" with { type: "text" };
import htmxText from "../../node_modules/htmx.org/dist/htmx.min.js" with { type: "text" };
import sseText from "../../node_modules/htmx-ext-sse/dist/sse.min.js" with { type: "text" };
import uplotText from "../../node_modules/uplot/dist/uPlot.iife.min.js" with { type: "text" };
import type { AssetUrls } from "../shell.ts";
import appText from "./app.js" with { type: "text" };
import chartText from "./chart.js" with { type: "text" };
import iconText from "./icon.svg" with { type: "text" };
import linesText from "./lines.js" with { type: "text" };

/** A file that pages ask for: its name holds a hash of its content, so browsers keep it for a year. */
export type AssetFile = {
  readonly path: string;
  readonly contentType: string;
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer>>;
};

const SCRIPT = "text/javascript; charset=utf-8";

function file(name: string, ending: string, contentType: string, text: string): AssetFile {
  const hash = Bun.hash(text).toString(36);
  return {
    path: `/assets-${hash}/${name}.${ending}`,
    contentType,
    bytes: async () => new TextEncoder().encode(text),
  };
}

/** Our own scripts, without their comments and blanks. */
function small(text: string): string {
  return new Bun.Transpiler({ loader: "js", minifyWhitespace: true }).transformSync(text);
}

const css = file("app", "css", "text/css; charset=utf-8", cssText);
const app = file("app", "js", SCRIPT, small(appText));
const htmx = file("htmx", "js", SCRIPT, htmxText);
const sse = file("sse", "js", SCRIPT, sseText);
const alpine = file("alpine", "js", SCRIPT, alpineText);
/** The chart library and what hands the still pictures over to it, fetched only where a chart is. */
const uplot = file("chart", "js", SCRIPT, `${uplotText}\n${small(chartText)}\n${small(linesText)}`);
const icon = file("icon", "svg", "image/svg+xml", iconText);

/** Every file of the pages, embedded in the binary. */
export const assetFiles: readonly AssetFile[] = [css, app, htmx, sse, alpine, uplot, icon];

/** Their addresses, for the head of every page. */
export const assetUrls: AssetUrls = {
  css: css.path,
  app: app.path,
  htmx: htmx.path,
  sse: sse.path,
  alpine: alpine.path,
  uplot: uplot.path,
  icon: icon.path,
};
