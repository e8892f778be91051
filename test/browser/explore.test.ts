import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { findChromium } from "../services/chromium.ts";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary, PASSWORD } from "../system/harness.ts";
import { type Plant, startPlant, type Tenant } from "../system/plant.ts";
import { openBrowser, openPage, signIn, type WatchedPage } from "./open-browser.ts";

const chromium = findChromium();
const browserTest = testWith(binary, chromium);
const HOUR_US = 3_600_000_000;
/** Start of the hour 20 hours ago, so that all of it lies in the last 24 hours. */
const START_US = Math.floor((Date.now() * 1000) / HOUR_US) * HOUR_US - 20 * HOUR_US;
let plant: Plant;
let tenant: Tenant;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
const sensors = new Map<string, string>();

/** Readings every minute for 18 hours, without those from the 6th to the 9th; and states. */
function lines(): string {
  const out: string[] = [];
  for (let minute = 0; minute < 18 * 60; minute++) {
    const at = `${START_US + minute * 60_000_000}`;
    if (minute >= 6 * 60 && minute < 9 * 60) continue;
    out.push(`mill,asset=M-1 load=${50 + 10 * Math.sin(minute / 60)},wear=${minute / 100} ${at}`);
    if (minute % 60 === 0)
      out.push(`mill,asset=M-1 mode="${minute < 720 ? "grind" : "idle"}" ${at}`);
  }
  return out.join("\n");
}

beforeAll(async () => {
  if (!binary.ok || !chromium.ok) return;
  plant = await startPlant(["mills"]);
  const [only] = plant.tenants;
  if (only === undefined) throw new Error("there is a tenant");
  tenant = only;
  expect((await tenant.device.write(lines())).status).toBe(204);
  const items = await waitFor("three series", async () => {
    const { body } = await tenant.admin.get(`/api/v1/series/${tenant.id}`);
    return body.items.length === 3 && (body.items as { seriesNo: number }[]);
  });
  const adopted = await tenant.admin.post(`/api/v1/inbox/${tenant.id}/adoptions`, {
    adoptions: items.map(({ seriesNo }) => ({ seriesNo })),
  });
  for (const row of adopted.body.items as { sensorName: string; sensorId: string }[])
    sensors.set(row.sensorName, row.sensorId);
  browser = await openBrowser(chromium.value);
  watched = await openPage(browser, plant.server.url);
  page = watched.page;
  await signIn(page, plant.server.url, `admin@${tenant.id}.example`, PASSWORD);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await plant?.server.stop();
});

afterEach(() => {
  if (watched !== undefined) expect(watched.faults.splice(0)).toEqual([]);
});

const idOf = (name: string) => sensors.get(name) ?? "";

/** Opens the explorer and waits until the browser has drawn its charts. */
async function open(names: readonly string[], rest = "range=24h"): Promise<void> {
  const chosen = names.map((name) => `s=${idOf(name)}`).join("&");
  const answer = await page.goto(`${plant.server.url}/explore?${chosen}&${rest}`);
  expect(answer?.status()).toBe(200);
  await page.locator("[data-lines][data-taken] canvas").first().waitFor();
}

/** The span in the address, in µs. */
function span(): { fromUs: number; toUs: number } {
  const { searchParams } = new URL(page.url());
  const at = (name: string) => Date.parse(searchParams.get(name) ?? "") * 1000;
  return { fromUs: at("from"), toUs: at("to") };
}

const gaps = async () => {
  const text = await page.locator("[data-lines] script").first().textContent();
  return (JSON.parse(text ?? "").gaps as [number, number][]).map(([from, to]) =>
    [from, to].map((at) => Math.round((at * 1e6 - START_US) / 60e6)),
  );
};

browserTest("a drag zooms, the address carries it, and Back returns", async () => {
  await open(["load", "wear"]);
  const wide = page.url();
  const box = await page.locator("[data-lines] .u-over").first().boundingBox();
  if (box === null) throw new Error("the chart has a box");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.25, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=/);
  const { fromUs, toUs } = span();
  // A quarter of 24 hours, to within what a few pixels are.
  expect(Math.abs(toUs - fromUs - 6 * HOUR_US)).toBeLessThan(HOUR_US / 4);
  await page.locator("[data-lines][data-taken] canvas").first().waitFor();
  expect(await page.locator("[data-lines]").count()).toBe(1);
  expect(await page.locator(".keyed .swatch").count()).toBe(2);
  await page.reload();
  expect(span()).toEqual({ fromUs, toUs });
  await page.goBack();
  await page.waitForURL(wide);
  await page.locator('.seg a[aria-current="true"]', { hasText: "24 h" }).waitFor();
  await page.locator("[data-lines][data-taken] canvas").first().waitFor();
});

browserTest(
  "a hole in the readings is a gap: hatched, in the numbers, and no value under the pointer",
  async () => {
    await open(
      ["load"],
      `from=${new Date(START_US / 1000).toISOString()}&to=${new Date((START_US + 18 * HOUR_US) / 1000).toISOString()}`,
    );
    const [[from = 0, to = 0] = []] = await gaps();
    expect([from >= 355 && from <= 365, to]).toEqual([true, 540]);
    // 18 hours of minutes without three of them: counted, though the points are fewer.
    expect(await page.locator("#explore-numbers tbody tr td").nth(4).textContent()).toBe("900");
    expect(await page.locator("#explore-numbers tbody tr td").nth(5).textContent()).toMatch(
      /^1, longest 3/,
    );
    const box = await page.locator("[data-lines] .u-over").first().boundingBox();
    if (box === null) throw new Error("the chart has a box");
    const value = page.locator('[data-value="explore-0 0"]');
    const read = async () => (await value.textContent()) ?? "";
    await page.mouse.move(box.x + (box.width * 7.5) / 18, box.y + 40);
    await waitFor("no value", async () => (await read()) === "no data");
    await page.mouse.move(box.x + (box.width * 3) / 18, box.y + 40);
    await waitFor("a value", async () => /^\d/.test(await read()));
    // Near the third hour: 50 + 10 sin 3.
    expect(Number.parseFloat(await read())).toBeCloseTo(51.4, 0);
  },
);

browserTest("states are a strip; keys move and zoom; a table says the same", async () => {
  await open(["load", "mode"]);
  expect(await page.locator("[data-strip] rect title").allTextContents()).toHaveLength(2);
  expect(await page.locator(".keyed").last().textContent()).toContain("grind");
  await page.locator("#explore-charts").focus();
  await page.keyboard.press("+");
  await page.waitForURL(/from=/);
  const near = span();
  expect(near.toUs - near.fromUs).toBe(12 * HOUR_US);
  expect(await page.evaluate("document.activeElement.id")).toBe("explore-charts");
  await page.keyboard.press("ArrowLeft");
  await waitFor("an earlier span", () => span().toUs < near.toUs);
  expect(near.toUs - span().toUs).toBe(6 * HOUR_US);
  expect(span().toUs - span().fromUs).toBe(12 * HOUR_US);
  await page.locator("#explore-numbers a", { hasText: "As a table" }).click();
  await page.locator("#explore-table tbody tr").first().waitFor();
  expect(new URL(page.url()).searchParams.get("view")).toBe("table");
});

browserTest("a sensor is found by words and added, another taken away", async () => {
  await open(["load"]);
  await page.locator("#explore-q").fill("m-1 wear");
  await page.locator("#found a", { hasText: "Add" }).click();
  await page.waitForURL((url) => url.searchParams.getAll("s").length === 2);
  await page.locator(`a[aria-label*="Load"]`).click();
  await page.waitForURL((url) => url.searchParams.getAll("s").length === 1);
  expect(new URL(page.url()).searchParams.get("s")).toBe(idOf("wear"));
});

browserTest("what is shown is taken along as CSV", async () => {
  await open(["wear", "mode"]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("#explore-take a", { hasText: "CSV" }).click(),
  ]);
  const rows = (await Bun.file((await download.path()) ?? "").text()).split("\r\n");
  expect(rows[0]).toBe("series,unit,tier,time,mean,min,max,n,seconds,state");
  expect(rows.filter((row) => row.startsWith("M-1 Wear")).length).toBeGreaterThan(100);
  expect(rows.filter((row) => row.endsWith("grind"))).toHaveLength(1);
});
