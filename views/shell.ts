import { mayUse, type Permission, type Role } from "../src/domain/access.ts";
import { NOBODY } from "../src/domain/route.ts";
import type { FormKeys, Instant } from "./ui/model.ts";

/** Themes; "system" follows the browser. Kept in a cookie, written on `<html>` by the server. */
export const THEMES = ["system", "light", "dark", "contrast"] as const;
export type Theme = (typeof THEMES)[number];

/** Entries of the navigation; a page says which one it belongs to. */
export type Section =
  | "now"
  | "assets"
  | "alarms"
  | "predictions"
  | "work"
  | "explore"
  | "rules"
  | "models"
  | "ingest"
  | "jobs"
  | "admin"
  | "me"
  | "none";

/** Addresses of the embedded files, with their content hash. */
export type AssetUrls = {
  readonly css: string;
  readonly app: string;
  readonly htmx: string;
  readonly sse: string;
  readonly alpine: string;
  readonly uplot: string;
  readonly icon: string;
};

/** Things to act on, shown beside the navigation; 0 shows nothing. */
export type Counts = {
  readonly now: number;
  /** All assets: the one total. */
  readonly assets: number;
  /** Active alarms by severity. */
  readonly emergency: number;
  readonly critical: number;
  readonly warning: number;
  readonly predictions: number;
  readonly work: number;
  readonly newSensors: number;
};

/** How old the newest reading is, by the server's clock. */
export type Freshness = {
  /** Server time in ms when the page was made; the browser never trusts its own clock. */
  readonly serverMs: number;
  /** Server time in ms of the newest reading; undefined = none yet. */
  readonly newestMs: number | undefined;
  /** Interval at which readings normally come. */
  readonly expectedMs: number;
  /** Plant time zone, to name the moment at which a page stopped being live. */
  readonly zone?: string;
};

/** What the frame around every page needs. */
export type Shell = FormKeys & {
  readonly lang: string;
  readonly theme: Theme;
  readonly assets: AssetUrls;
  readonly tenantName: string;
  readonly siteName: string;
  readonly user: { readonly name: string; readonly role: Role };
  readonly counts: Counts;
  readonly clock: Instant;
  readonly fresh: Freshness;
  /** One line at the foot of the navigation: "Demo plant · seeded faults". */
  readonly footLine: string;
  /** Path and query of this page, to come back to after changing the theme. */
  readonly here: string;
  /** Single keys (g n, j k, a …) are on. */
  readonly keysOn: boolean;
  /** A message of the act just done ("Acknowledged."), with a link to undo it where there is one. */
  readonly toast?: { readonly text: string; readonly undo?: { href: string; text: string } };
};

/** The frame of pages that nobody is signed in to: set-up, sign-in, loading, errors. */
export type PlainShell = {
  readonly lang: string;
  readonly theme: Theme;
  readonly assets: AssetUrls;
};

/** Whether the signed-in person's role holds a right: entries it may not open are not shown. */
export function allows(shell: Shell, permission: Permission): boolean {
  return mayUse(permission, { ...NOBODY, kind: "session", role: shell.user.role });
}
