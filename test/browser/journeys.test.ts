import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { findChromium } from "../services/chromium.ts";
import { type DemoPlant, startDemoPlant } from "../services/demo-plant.ts";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { type ApiClient, apiClient } from "../system/api-client.ts";
import { binary, createToken } from "../system/harness.ts";
import { openBrowser, openPage, type WatchedPage } from "./open-browser.ts";

const chromium = findChromium();
const browserTest = testWith(binary, chromium);
let plant: DemoPlant;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let api: ApiClient;
let writeToken = "";

beforeAll(async () => {
  if (!binary.ok || !chromium.ok) return;
  plant = await startDemoPlant();
  const { data, url } = plant.server;
  api = apiClient(url, await createToken(data, plant.tenantId, "admin", "journeys"));
  writeToken = await createToken(data, plant.tenantId, "write", "gateway");
  browser = await openBrowser(chromium.value);
  watched = await openPage(browser, url);
  page = watched.page;
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await plant?.server.stop();
});

afterEach(() => {
  if (watched !== undefined) expect(watched.faults.splice(0)).toEqual([]);
});

/** Goes to an address of the plant and expects a whole page. */
async function go(path: string): Promise<void> {
  const response = await page.goto(`${plant.server.url}${path}`);
  expect([path, response?.status()]).toEqual([path, 200]);
}

const list = async (noun: string, query = "") =>
  (await api.get(`/api/v1/${noun}/${plant.tenantId}?limit=200${query}`)).body.items;

/** A rule on a fresh sensor, and a reading that breaks it; returns the alarm's id. */
async function raiseAlarm(asset: string): Promise<string> {
  const device = apiClient(plant.server.url, writeToken);
  const startUs = Date.now() * 1000;
  await device.write(`rig,asset=${asset} strain=1 ${startUs - 60_000_000}`);
  const seriesNo = await waitFor("the series", async () => {
    const { body } = await api.get(`/api/v1/series/${plant.tenantId}?query=${asset}`);
    return (body.items[0] as { seriesNo: number } | undefined)?.seriesNo;
  });
  const adopted = await api.post(`/api/v1/inbox/${plant.tenantId}/adoptions`, {
    adoptions: [{ seriesNo }],
  });
  const sensorId = adopted.body.items[0].sensorId;
  const rule = await api.post(`/api/v1/rules/${plant.tenantId}`, {
    name: `Strain of ${asset}`,
    severity: "critical",
    op: "above",
    threshold: 10,
    clear: 8,
    holdMs: 0,
    scope: { kind: "sensor", sensorId },
  });
  expect(rule.status).toBe(201);
  expect((await device.write(`rig,asset=${asset} strain=50 ${startUs}`)).status).toBe(204);
  return waitFor("the alarm", async () => {
    const { body } = await api.get(`/api/v1/alerts/${plant.tenantId}?ruleId=${rule.body.id}`);
    return (body.items[0] as { id: string } | undefined)?.id;
  });
}

const alert = async (id: string) => (await api.get(`/api/v1/alerts/${plant.tenantId}/${id}`)).body;

browserTest("the printed link signs in once and shows what needs a person now", async () => {
  await page.goto(plant.signInLink);
  expect(new URL(page.url()).pathname).toBe("/");
  await page.locator("main h1").waitFor();
  expect((await page.locator("main h1").textContent())?.trim()).toMatch(/.{6,}/);
  const other = await openPage(browser, plant.server.url);
  await other.page.goto(plant.signInLink);
  expect(new URL(other.page.url()).pathname).toContain("/sign-in");
  await other.page.context().close();
});

browserTest("an alarm is acknowledged and closed where it is read", async () => {
  const id = await raiseAlarm("RIG-1");
  await go(`/alarms/${id}`);
  await page.locator(`form[action="/alarms/${id}/acknowledgement"] button`).first().click();
  await waitFor("the acknowledgement", async () => (await alert(id)).status === "acknowledged");
  await go(`/alarms/${id}`);
  expect(await page.locator(`form[action="/alarms/${id}/acknowledgement"]`).count()).toBe(0);
  await page.locator(`details:has(form[action="/alarms/${id}/closure"]) summary`).click();
  await page.locator(`form[action="/alarms/${id}/closure"] button`).first().click();
  await waitFor("the closing", async () => (await alert(id)).status === "closed");
  const events = (await alert(id)).events as { kind: string; by: string }[];
  expect(events.map((e) => e.kind)).toEqual([
    "opened",
    "acknowledged",
    "close-requested",
    "closed",
  ]);
  expect(events[1]?.by).not.toBe("");
});

browserTest("an alarm is acknowledged from its row in the list", async () => {
  const id = await raiseAlarm("RIG-2");
  await go("/alarms");
  await page.locator(`form[action="/alarms/${id}/acknowledgement"] button`).first().click();
  await waitFor("the acknowledgement", async () => (await alert(id)).status === "acknowledged");
});

browserTest("a rule is made on its page, and its faults are shown beside the fields", async () => {
  await go("/rules/new");
  const form = page.locator('form[action="/rules"]');
  await form.locator('[name="name"]').fill("Made in a browser");
  await form.locator('[name="scope"]').selectOption({ index: 1 });
  await form.locator('[name="threshold"]').fill("not a number");
  await form.locator('[name="clear"]').fill("100000");
  await form.locator('button[type="submit"]').last().click();
  await page.locator('[name="threshold"][aria-invalid="true"]').waitFor();
  expect(await form.locator('[name="name"]').inputValue()).toBe("Made in a browser");
  await form.locator('[name="threshold"]').fill("123456");
  await form.locator('button[type="submit"]').last().click();
  const rule = await waitFor("the rule", async () =>
    ((await list("rules")) as { name: string; threshold: number; sequence?: number }[]).find(
      (r) => r.name === "Made in a browser" && (r.sequence ?? 0) > 0,
    ),
  );
  expect(rule.threshold).toBe(123_456);
  await page.waitForURL(/\/rules\/[0-9a-f-]{36}$/);
  expect(await page.locator("main").count()).toBe(1);
  // The browser notes the refused form as an error; it is what was asked for.
  watched.faults.splice(0, Number.POSITIVE_INFINITY);
});

browserTest("work is asked for and closed out in two taps", async () => {
  const [asset] = (await list("assets")) as { id: string }[];
  const made = await api.post(`/api/v1/work-orders/${plant.tenantId}`, {
    assetId: asset?.id,
    title: "Look at the coupling",
  });
  expect(made.status).toBe(201);
  const { id } = made.body;
  await go(`/work/${id}/close?finding=nothing`);
  await page.locator(`form[action^="/work/${id}/close"] button[type="submit"]`).last().click();
  const closed = await waitFor("the close-out", async () => {
    const { body } = await api.get(`/api/v1/work-orders/${plant.tenantId}/${id}`);
    return body.status === "done" && body;
  });
  expect(closed.closeOut.finding).toBe("nothing");
});

browserTest("a failure is closed out with a failure mode that is written, not chosen", async () => {
  const [asset] = (await list("assets")) as { id: string }[];
  const order = { assetId: asset?.id, title: "It stopped" };
  const { id } = (await api.post(`/api/v1/work-orders/${plant.tenantId}`, order)).body;
  await go(`/work/${id}/close?finding=failure`);
  await page.locator('[name="failure_mode_new"]').fill("Cracked housing");
  await page.locator(`form[action^="/work/${id}/close"] button[type="submit"]`).last().click();
  const closed = await waitFor("the close-out", async () => {
    const { body } = await api.get(`/api/v1/work-orders/${plant.tenantId}/${id}`);
    return body.status === "done" && body;
  });
  const modes = (await list("failure-modes")) as { id: string; name: string }[];
  const named = modes.find((mode) => mode.id === closed.closeOut.failureModeId);
  expect(named?.name).toBe("Cracked housing");
});

browserTest("a new sensor is adopted from the inbox", async () => {
  const device = apiClient(plant.server.url, writeToken);
  await device.write(`lathe,asset=LATHE-9 chatter=1 ${Date.now() * 1000}`);
  const waiting = await waitFor("the inbox", async () =>
    ((await list("inbox")) as { seriesNo: number; assetKey: string }[]).find(
      (s) => s.assetKey === "LATHE-9",
    ),
  );
  await go("/ingest/inbox");
  const box = page.locator(`input[name="series"][value="${waiting.seriesNo}"]`);
  if (!(await box.isChecked())) await box.check();
  await page
    .locator('form[action="/ingest/inbox/adoption"] button[type="submit"]:not([formaction])')
    .click();
  await waitFor("the asset", async () =>
    ((await list("assets", "&query=LATHE-9")) as { key: string }[]).find(
      (a) => a.key === "LATHE-9",
    ),
  );
});

browserTest("a file is brought in on a page: a missing column and bad rows are named", async () => {
  const bring = async (name: string, csv: string) => {
    await go("/ingest/uploads");
    const form = page.locator('form[action="/ingest/uploads"]');
    await form.locator('[name="kind"]').selectOption("assets");
    const buffer = Buffer.from(csv);
    await form.locator('[name="file"]').setInputFiles({ name, mimeType: "text/csv", buffer });
    await form.locator('button[type="submit"]').click();
    return waitFor(`what became of ${name}`, async () => {
      await go("/ingest/uploads");
      const row = page.locator("main li, main tr").filter({ hasText: name }).first();
      const isDone = (await row.locator("details, .note").count()) > 0;
      return isDone && ((await row.textContent()) ?? "");
    });
  };
  expect(await bring("no-key.csv", "name,criticality\nPump,A\n")).toMatch(/key/);
  await bring("some.csv", "key,name,criticality\nUP-1,Good,A\nUP-2,Bad,Z\n");
  const found = (await list("assets", "&query=UP-")) as { key: string }[];
  expect(found.map((a) => a.key)).toEqual(["UP-1"]);
  expect(await page.locator("main").textContent()).toMatch(/line 3|Line 3/);
});

browserTest("the theme is chosen and kept", async () => {
  await go("/");
  const shown = () => page.locator("html").getAttribute("data-theme");
  for (const theme of ["dark", "light"]) {
    await page.locator('details:has(form[action="/theme"]) summary').first().click();
    await page.locator(`button[name="theme"][value="${theme}"]`).first().click();
    await waitFor(`the theme ${theme}`, async () => (await shown()) === theme);
    await go("/assets");
    expect(await shown()).toBe(theme);
  }
});

browserTest(
  "every link of every page leads to a page",
  async () => {
    const seen = new Set<string>();
    const queue = ["/"];
    const shapes = new Map<string, number>();
    while (queue.length > 0) {
      const path = queue.shift() ?? "/";
      if (seen.has(path)) continue;
      seen.add(path);
      // Two of each shape are enough: /assets/:id is one page however many assets there are.
      const shape = path.split("?")[0]?.replace(/[0-9a-f]{8}-[0-9a-f-]{27,}|\d+/g, ":id") ?? path;
      const count = (shapes.get(shape) ?? 0) + 1;
      shapes.set(shape, count);
      if (count > 2) continue;
      await go(path);
      const links = await page
        .locator("a[href]")
        .evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
      for (const link of links) {
        const url = new URL(link, page.url());
        expect(url.origin).toBe(plant.server.url);
        if (!/\.(csv|pdf|json|xlsx)$|^\/(live|api)\b/.test(url.pathname))
          queue.push(`${url.pathname}${url.search}`);
      }
    }
    const must = ["/", "/assets", "/alarms", "/rules", "/work", "/jobs", "/models", "/ingest"];
    expect(must.filter((path) => !seen.has(path))).toEqual([]);
    expect(shapes.size).toBeGreaterThan(12);
  },
  180_000,
);
