import { createFormat, type Format } from "../../views/format.ts";
import type { AssetUrls, Counts, Freshness, PlainShell, Shell, Theme } from "../../views/shell.ts";
import { THEMES } from "../../views/shell.ts";
import type { Caller } from "../domain/access.ts";
import type { Site } from "../domain/site.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { WebDeps } from "./deps.ts";

/** Name of the cookie that keeps the theme; "system" when there is none. */
export const THEME_COOKIE = "foresight_theme";
/** Name of the cookie that switches single keys off. */
export const KEYS_COOKIE = "foresight_keys";

/** What a page's handler has of the request. */
export type PageContext = {
  readonly request: Request;
  readonly url: URL;
  readonly caller: Caller;
  readonly csrf: string;
};

function cookie(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** The theme this browser chose. */
export function themeOf(request: Request): Theme {
  const chosen = cookie(request, THEME_COOKIE);
  return THEMES.find((theme) => theme === chosen) ?? "system";
}

/** The frame of pages to which nobody need be signed in. */
export function plainShell(request: Request, assets: AssetUrls): PlainShell {
  return { lang: "en", theme: themeOf(request), assets };
}

/** Everything a signed-in page needs around it, and the tenant it was made for. */
export type Frame = {
  readonly shell: Shell;
  readonly tenant: Tenant;
  readonly site: Site | undefined;
  readonly zone: string;
  readonly nowUs: number;
  /** Numbers, times and money in the plant's words. */
  readonly format: Format;
};

/** Newest reading of the tenant's mapped series, and how often readings normally come. */
async function freshnessOf(
  deps: WebDeps,
  caller: Caller,
  nowUs: number,
): Promise<Omit<Freshness, "zone">> {
  let newestUs = 0;
  for (const one of await deps.stores.series.mapped(caller)) {
    const last = deps.lastValue(one.seriesNo);
    if (last !== undefined && last.atUs > newestUs && last.atUs <= nowUs + 60_000_000)
      newestUs = last.atUs;
  }
  return {
    serverMs: nowUs / 1000,
    newestMs: newestUs === 0 ? undefined : newestUs / 1000,
    expectedMs: 10_000,
  };
}

async function countsOf(deps: WebDeps, caller: Caller): Promise<Counts> {
  const { stores } = deps;
  const [alerts, work, series, sensors] = await Promise.all([
    stores.alerts.counts(caller),
    stores.work.counts(caller),
    stores.series.counts(caller),
    stores.sensors.all(caller),
  ]);
  return {
    now: alerts.unacknowledged,
    // Machines, not the places that hold them.
    assets: new Set(sensors.map(({ assetId }) => assetId)).size,
    emergency: alerts.bySeverity.emergency,
    critical: alerts.bySeverity.critical,
    warning: alerts.bySeverity.warning,
    predictions: 0,
    work: work.requested + work.planned + work["in-progress"],
    newSensors: series.inbox,
  };
}

/** Makes the frame of a page for whoever is signed in. */
export async function frameOf(
  deps: WebDeps,
  context: PageContext,
  toast?: Shell["toast"],
): Promise<Frame> {
  const { caller, request, url } = context;
  const nowUs = deps.clock.nowUs();
  const [tenant, sites, counts, fresh] = await Promise.all([
    deps.stores.tenants.get(caller.tenantId),
    deps.stores.sites.list(caller),
    countsOf(deps, caller),
    freshnessOf(deps, caller, nowUs),
  ]);
  if (tenant === undefined) throw new Error(`tenant ${caller.tenantId} of a session is gone`);
  const site = sites[0];
  const zone = site?.zone ?? tenant.zone;
  const format = createFormat({ locale: "en-GB", zone, currency: tenant.currency });
  const shell: Shell = {
    ...plainShell(request, deps.assetUrls),
    csrf: context.csrf,
    formKey: deps.randomKey(),
    tenantName: tenant.name,
    siteName: site?.name ?? "",
    user: { name: caller.name, role: caller.role ?? "viewer" },
    counts,
    clock: format.plantClock(nowUs),
    fresh: { ...fresh, zone },
    footLine: deps.footLine(caller.tenantId),
    here: `${url.pathname}${url.search}`,
    keysOn: cookie(request, KEYS_COOKIE) !== "off",
    ...(toast === undefined ? {} : { toast }),
  };
  return { shell, tenant, site, zone, nowUs, format };
}
