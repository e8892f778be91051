import { afterAll, beforeAll, expect } from "bun:test";
import type { Browser } from "playwright-core";
import { findChromium } from "../services/chromium.ts";
import { type DemoPlant, startDemoPlant } from "../services/demo-plant.ts";
import { testWith } from "../services/needs.ts";
import { binary } from "../system/harness.ts";
import { openBrowser, openPage } from "./open-browser.ts";

const chromium = findChromium();
let plant: DemoPlant;
let browser: Browser;

beforeAll(async () => {
  if (!binary.ok || !chromium.ok) return;
  plant = await startDemoPlant();
  browser = await openBrowser(chromium.value);
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await plant?.server.kill();
});

testWith(binary, chromium)(
  "an open page is live, and says within 20 s that it no longer is",
  async () => {
    const { page } = await openPage(browser, plant.server.url);
    await page.goto(plant.signInLink);
    await page.getByText(/^Live/).first().waitFor();
    expect(await page.locator("main").getAttribute("data-stale")).toBeNull();
    await plant.server.kill();
    await page
      .getByText(/Not live/)
      .first()
      .waitFor({ timeout: 20_000 });
    expect(await page.locator("main").getAttribute("data-stale")).not.toBeNull();
  },
  90_000,
);
