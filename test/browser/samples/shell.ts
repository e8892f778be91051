import type { JSX } from "hono/jsx/jsx-runtime";
import { createFormat } from "../../../views/format.ts";
import type { PlainShell, Shell } from "../../../views/shell.ts";
import type { ChartProps } from "../../../views/ui/chart-model.ts";
import type { AssetRef, FormState, Health, Spark } from "../../../views/ui/model.ts";

/** Data to look at pages with; nothing of it reaches the product. */

/** A page with data to look at. */
export type Sample = readonly [name: string, page: JSX.Element];

export const NOW_US = Date.UTC(2026, 10, 23, 13, 32, 10) * 1_000;
export const MIN = 60e6;
export const HOUR = 3_600e6;
export const DAY = 86_400e6;
export const ZONE = "Europe/Warsaw";
export const format = createFormat({ locale: "en-GB", zone: ZONE, currency: "EUR" });
export const at = (agoUs: number) => format.at(NOW_US - agoUs, NOW_US);
export const ago = (agoUs: number) => format.ago(NOW_US - agoUs, NOW_US);

export const ASSET_URLS: Shell["assets"] = {
  css: "/app.css",
  app: "/app.js",
  htmx: "/htmx.js",
  sse: "/sse.js",
  alpine: "/alpine.js",
  uplot: "/chart.js",
  icon: "/icon.svg",
};

export const plain: PlainShell = { lang: "en", theme: "system", assets: ASSET_URLS };

export const shell: Shell = {
  ...plain,
  csrf: "csrf-token",
  formKey: "form-key",
  tenantName: "Northwind Mixing",
  siteName: "Demo plant",
  user: { name: "Anna Nowak", role: "admin" },
  counts: {
    now: 3,
    assets: 148,
    emergency: 0,
    critical: 2,
    warning: 6,
    predictions: 4,
    work: 9,
    newSensors: 12,
  },
  clock: format.plantClock(NOW_US),
  fresh: { serverMs: NOW_US / 1_000, newestMs: NOW_US / 1_000 - 2_000, expectedMs: 10_000 },
  footLine: "Demo plant · seeded faults",
  here: "/",
  keysOn: true,
};

export const emptyForm: FormState = { values: {}, errors: {} };

/** Random numbers that are the same each time. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function spark(seed: number, rise = 0): Spark {
  const next = random(seed);
  let level = 10;
  return Array.from({ length: 46 }, (_, i) => {
    level += (next() - 0.5) * 1.2;
    return level + (rise * i * i) / 600;
  });
}

export function health(score: number | undefined): Health {
  return { score, warningBelow: 60, criticalBelow: 40 };
}

export function asset(tag: string, name: string): AssetRef {
  return { id: tag.toLowerCase(), tag, name };
}

export const gearbox = asset("GB-210", "Conveyor 2 gearbox");

/** Vibration that stays near 2.1 for weeks and then rises over its limits. */
export function vibration(id: string, days = 60): ChartProps {
  const next = random(7);
  const fromUs = NOW_US - days * DAY;
  const toUs = NOW_US + days * 0.33 * DAY;
  const points = 400;
  const atUs = Array.from({ length: points }, (_, i) => fromUs + ((NOW_US - fromUs) * i) / points);
  const gap = { fromUs: NOW_US - 33 * DAY, toUs: NOW_US - 30.4 * DAY };
  const values = atUs.map((when) => {
    if (when > gap.fromUs && when < gap.toUs) return null;
    const rise = Math.max(0, (when - (NOW_US - 11 * DAY)) / DAY);
    return 2.1 + (next() - 0.5) * 0.7 + rise ** 1.45 * 0.165;
  });
  return {
    id,
    title: "Output bearing vibration",
    unit: "mm/s RMS",
    summary: "steady near 2.1 until 12 Nov, then rising to 7.4, above its limit 7.1",
    fromUs,
    toUs,
    nowUs: NOW_US,
    zone: ZONE,
    atUs,
    values,
    lineLabel: "measured, hourly maximum",
    xTicks: format.timeTicks(fromUs, toUs, 8),
    limits: [
      { value: 4.5, severity: "warning", label: "warning 4.5" },
      { value: 7.1, severity: "critical", label: "critical 7.1" },
    ],
    band: { low: 1.6, high: 2.7, label: "learned normal band" },
    gaps: [{ ...gap, label: "no data 2 d 16 h (gateway GW-2)" }],
    marks: [
      { kind: "work", atUs: NOW_US - 46 * DAY, label: "oil change", href: "/work/1169" },
      { kind: "work", atUs: NOW_US - 11 * DAY, label: "greased", href: "/work/1170" },
      {
        kind: "alarm",
        severity: "warning",
        acknowledged: true,
        atUs: NOW_US - 4 * DAY,
        label: "Over 4.5 since Thu 19",
        href: "/alarms/40",
      },
      {
        kind: "alarm",
        severity: "critical",
        acknowledged: false,
        atUs: NOW_US - 0.2 * DAY,
        label: "Over 7.1 since 14:10",
        href: "/alarms/41",
      },
    ],
    fan: {
      atUs: [NOW_US, NOW_US + 9 * DAY, NOW_US + 20 * DAY],
      low: [7.2, 8.8, 10.6],
      high: [7.4, 10.9, 13.6],
      label: "reaches 11.2 in 9 to 21 days",
    },
  };
}

/** A small chart of the hours before an alarm. */
export function mini(id: string, title: string): ChartProps {
  const next = random(id.length * 31);
  const fromUs = NOW_US - 6 * HOUR;
  const atUs = Array.from({ length: 72 }, (_, i) => fromUs + i * 5 * MIN);
  return {
    id,
    title,
    unit: "mm/s",
    summary: "rising from 6.4 to 7.4 in six hours, over 7.1 since 14:10",
    fromUs,
    toUs: NOW_US,
    nowUs: undefined,
    zone: ZONE,
    atUs,
    values: atUs.map((_, i) => 6.4 + (i / 72) * 0.95 + (next() - 0.5) * 0.15),
    lineLabel: "measured",
    xTicks: format.timeTicks(fromUs, NOW_US, 3),
    limits: [{ value: 7.1, severity: "critical", label: "critical 7.1" }],
    shade: { fromUs: NOW_US - 32 * MIN, toUs: NOW_US - 22 * MIN, label: "10 min" },
    small: true,
  };
}
