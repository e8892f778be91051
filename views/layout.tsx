import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { Live } from "./live.tsx";
import { SideNav, TabBar } from "./navigation.tsx";
import type { AssetUrls, PlainShell, Section, Shell, Theme } from "./shell.ts";
import { t } from "./texts/index.ts";
import { TopBar } from "./top-bar.tsx";
import { Logo } from "./ui/icon.tsx";
import { Toast } from "./ui/toast.tsx";

const HTMX_CONFIG = JSON.stringify({
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  allowEval: false,
  selfRequestsOnly: true,
  scrollBehavior: "auto",
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "409", swap: true, error: false },
    { code: "422", swap: true, error: false },
    { code: "[45]..", swap: false, error: true },
  ],
});

function Head(props: {
  title: string;
  assets: AssetUrls;
  refreshS?: number;
  charts: boolean;
  scripts: boolean;
  alpine?: boolean;
}) {
  const { assets } = props;
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${props.title} · ${t.product}`}</title>
      <link rel="stylesheet" href={assets.css} />
      <link rel="icon" type="image/svg+xml" href={assets.icon} />
      <meta name="htmx-config" content={HTMX_CONFIG} />
      {props.refreshS !== undefined && (
        <noscript>
          <meta http-equiv="refresh" content={String(props.refreshS)} />
        </noscript>
      )}
      {props.refreshS !== undefined && <script src={assets.app} defer />}
      {props.scripts && (
        <>
          <script src={assets.htmx} defer />
          <script src={assets.sse} defer />
          <script src={assets.app} defer />
          {props.alpine === true && <script src={assets.alpine} defer />}
        </>
      )}
      {props.charts && <meta name="uplot" content={assets.uplot} />}
    </head>
  );
}

/** Hatching for what is not known; referred to by `url(#hatch)` in charts. */
function Patterns() {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern
          id="hatch"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0V6" />
        </pattern>
      </defs>
    </svg>
  );
}

function themeAttribute(theme: Theme): string | undefined {
  return theme === "system" ? undefined : theme;
}

export type LayoutProps = {
  readonly shell: Shell;
  readonly title: string;
  readonly section: Section;
  /** Name under which this page asks for live events; undefined = it has none. */
  readonly live?: string;
  /** The page holds a chart, so the chart script is fetched after paint. */
  readonly charts?: boolean;
  /** The page counts ticked rows, so Alpine is loaded. */
  readonly bulk?: boolean;
  readonly children?: Child;
};

/** The frame of every signed-in page: navigation, top bar, main, phone tabs. */
export function Layout(props: LayoutProps) {
  const { shell } = props;
  return (
    <html lang={shell.lang} data-theme={themeAttribute(shell.theme)}>
      <Head
        title={props.title}
        assets={shell.assets}
        charts={props.charts === true}
        alpine={props.bulk === true}
        scripts
      />
      <body hx-headers={JSON.stringify({ "x-csrf-token": shell.csrf })}>
        <a class="skip" href="#main">
          {t.shell.skip}
        </a>
        <Patterns />
        <div class="app">
          <SideNav shell={shell} section={props.section} />
          <TopBar shell={shell} live={props.live !== undefined} />
          <main id="main" data-keys={shell.keysOn ? "on" : undefined}>
            {props.children}
          </main>
        </div>
        <div id="toasts" role="status" aria-live="polite" data-failed={t.errors.noAnswer}>
          {shell.toast !== undefined && <Toast text={shell.toast.text} undo={shell.toast.undo} />}
        </div>
        <div id="announce" class="vh" role="status" aria-live="polite" />
        {props.live !== undefined && <Live page={props.live} here={shell.here} />}
        <TabBar shell={shell} section={props.section} />
      </body>
    </html>
  );
}

/** The frame of pages without navigation: an aside with the name and steps, and one column. */
export function PlainLayout(props: {
  shell: PlainShell;
  title: string;
  aside?: Child;
  /** Asks again after so many seconds, without scripts. */
  refreshS?: number;
  children?: Child;
}) {
  const { shell } = props;
  return (
    <html lang={shell.lang} data-theme={themeAttribute(shell.theme)}>
      <Head
        title={props.title}
        assets={shell.assets}
        charts={false}
        scripts={false}
        {...(props.refreshS === undefined ? {} : { refreshS: props.refreshS })}
      />
      <body>
        <a class="skip" href="#main">
          {t.shell.skip}
        </a>
        <Patterns />
        <div class="plain-shell" id={props.refreshS === undefined ? undefined : "loading"}>
          <aside aria-label={t.product}>
            <span class="brand">
              <Logo />
              {t.product}
            </span>
            {props.aside}
          </aside>
          <main id="main" class="narrow">
            {props.children}
          </main>
        </div>
      </body>
    </html>
  );
}

/** The title row of a page: the opening sentence, and acts at the right. */
export function Head1(props: { title: string; sub?: Child; crumbs?: Child; children?: Child }) {
  return (
    <>
      {props.crumbs !== undefined && <p class="crumb">{props.crumbs}</p>}
      <div class="head" id="opening">
        <div>
          <h1 tabindex={-1}>{props.title}</h1>
          {props.sub !== undefined && props.sub !== "" && <div class="lead">{props.sub}</div>}
        </div>
        {props.children !== undefined && <div class="row wrap">{props.children}</div>}
      </div>
    </>
  );
}

/** A whole page as text. */
export function renderPage(page: { toString(): string | Promise<string> }): string {
  return `<!doctype html>${page.toString()}`;
}

/** A part of a page as text, for htmx and live events. */
export function renderPart(part: { toString(): string | Promise<string> }): string {
  return String(part.toString());
}

/**
 * Wraps parts for a live event: each carries the id of the element it replaces. Rows of tables travel
 * inside a template element, since a parser drops them elsewhere.
 */
export function outOfBand(html: string): string {
  const marked = html.replace(/^<([a-z0-9]+)/, '<$1 hx-swap-oob="outerHTML"');
  return String(raw(marked.startsWith("<tr") ? `<template>${marked}</template>` : marked));
}
