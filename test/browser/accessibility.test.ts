import { afterAll, beforeAll, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { findChromium } from "../services/chromium.ts";
import { type DemoPlant, startDemoPlant } from "../services/demo-plant.ts";
import { testWith } from "../services/needs.ts";
import { apiClient } from "../system/api-client.ts";
import { binary, createToken } from "../system/harness.ts";
import { openBrowser, openPage, type WatchedPage } from "./open-browser.ts";

const chromium = findChromium();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const THEMES = ["light", "dark"];
let plant: DemoPlant;
let browser: Browser;
let watched: WatchedPage;
let paths: string[] = [];

beforeAll(async () => {
  if (!binary.ok || !chromium.ok) return;
  plant = await startDemoPlant();
  const { data, url } = plant.server;
  const api = apiClient(url, await createToken(data, plant.tenantId, "admin", "axe"));
  const first = async (noun: string, query = "") =>
    (await api.get(`/api/v1/${noun}/${plant.tenantId}?limit=1${query}`)).body.items[0]
      ?.id as string;
  paths = [
    ...["/", "/assets", "/alarms", "/rules", "/rules/new", "/predictions", "/work", "/work/new"],
    ...["/jobs", "/models", "/ingest", "/ingest/inbox", "/ingest/quarantine", "/ingest/uploads"],
    ...["/ingest/tokens", "/admin/users", "/admin/audit", "/me", "/search?q=pump"],
    `/assets/${await first("assets")}`,
    `/rules/${await first("rules")}`,
    `/alarms/${await first("alerts", "&view=all")}`,
    `/work/${await first("work-orders", "&view=all")}`,
    `/models/${await first("models")}`,
    `/sensors/${await first("sensors")}`,
    `/explore?s=${await first("sensors")}&range=7d&view=table`,
    ...["/explore?q=temp", "/admin/line-keys", "/admin/system"],
    `/admin/retention?held=1&q=vibration&sensor=${await first("sensors")}`,
    "/ingest/inbox?status=ignored",
    "/ingest/inbox?asset=%7Basset%7D&sensor=%7Bsensor%7D",
    `/ingest/sources/${await first("sources")}`,
    `/predictions/${await first("predictions")}`,
  ];
  browser = await openBrowser(chromium.value);
  watched = await openPage(browser, url);
  await watched.page.goto(plant.signInLink);
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await plant?.server.stop();
});

/** Rules that the page breaks, each with the first elements that do. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(`axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    resultTypes: ["violations"],
  })`);
  // The form of axe's results.
  const { violations } = found as {
    violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[];
  };
  return violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .slice(0, 3)
        .map((n) => `${n.target.join(" ")} (${n.failureSummary?.split("\n")[1]?.trim()})`)
        .join("; ")}`,
  );
}

testWith(binary, chromium)(
  "no page breaks a rule of WCAG 2.2 AA, light and dark, wide and narrow",
  async () => {
    const { page } = watched;
    const broken: string[] = [];
    for (const path of paths) {
      const response = await page.goto(`${plant.server.url}${path}`);
      if (response?.status() !== 200) broken.push(`${path}: status ${response?.status()}`);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const wide = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        if (Number(wide) > 0) broken.push(`${path} at ${size.width}: ${wide} px too wide`);
        for (const theme of THEMES) {
          await page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
          for (const v of await violations(page))
            broken.push(`${path} ${theme} ${size.width}: ${v}`);
        }
      }
    }
    expect(broken).toEqual([]);
    expect(watched.faults).toEqual([]);
  },
  300_000,
);

testWith(binary, chromium)(
  "the sign-in page keeps them as well, and works by keyboard alone",
  async () => {
    const { page } = await openPage(browser, plant.server.url);
    await page.goto(`${plant.server.url}/sign-in`);
    expect(await violations(page)).toEqual([]);
    await page.locator('[name="email"]').focus();
    await page.keyboard.type("nobody@demo.example");
    await page.keyboard.press("Tab");
    await page.keyboard.type("not the password");
    await page.keyboard.press("Enter");
    await page.locator('[role="alert"], .note').first().waitFor();
    await page.context().close();
  },
  60_000,
);
