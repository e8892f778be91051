import { join } from "node:path";
import { createGenerator, type Preflight, type Rule, type UserConfig } from "unocss";
import { tokensCss } from "./tokens.ts";

/** Files of the parts, in the order in which they may override each other. */
const PARTS = [
  "base",
  "shell",
  "parts",
  "glyphs",
  "lists",
  "work",
  "table",
  "form",
  "chart",
  "phone",
] as const;

/** Words for one property; only those that a view uses are written out. */
const RULES: Rule[] = [
  ["muted", { color: "var(--muted)" }],
  ["faint", { color: "var(--faint)" }],
  ["ink", { color: "var(--ink)" }],
  ["e", { color: "var(--e-ink)" }],
  ["c", { color: "var(--c-ink)" }],
  ["w", { color: "var(--w-ink)" }],
  ["sm", { "font-size": "var(--t-sm)" }],
  ["xs", { "font-size": "var(--t-xs)" }],
  ["num", { "text-align": "right", "white-space": "nowrap" }],
  ["nw", { "white-space": "nowrap" }],
  ["pre", { "white-space": "pre-wrap", "overflow-wrap": "anywhere" }],
  ["mono", { "font-family": "var(--mono)" }],
  ["tag", { "font-weight": "650", "white-space": "nowrap" }],
  ["row", { display: "flex", "align-items": "center", gap: "var(--s2)" }],
  ["wrap", { "flex-wrap": "wrap" }],
  ["between", { "justify-content": "space-between" }],
  ["grow", { flex: "1", "min-width": "0" }],
  ["mt", { "margin-top": "var(--s4)" }],
];

/** The chart library's own sheet, before ours, so that ours has the last word. */
const UPLOT = "../../node_modules/uplot/dist/uPlot.min.css";

async function preflights(folder: string): Promise<Preflight[]> {
  const names = [UPLOT, ...PARTS.map((name) => `${name}.css`)];
  const texts = await Promise.all(names.map((name) => Bun.file(join(folder, name)).text()));
  return [{ getCSS: () => tokensCss() }, ...texts.map((text) => ({ getCSS: () => text }))];
}

/**
 * Makes the style sheet of the pages: tokens and parts as preflights, and of the one-word rules those that
 * occur in `sources`.
 */
export async function makeCss(folder: string, sources: readonly string[]): Promise<string> {
  const config: UserConfig = {
    presets: [],
    rules: RULES,
    shortcuts: [],
    preflights: await preflights(folder),
  };
  const uno = await createGenerator(config);
  const { css } = await uno.generate(sources.join("\n"), { preflights: true });
  return css;
}
