import { type Browser, chromium, type Page } from "playwright-core";
import { CHROMIUM_ARGS } from "../services/chromium.ts";

/** A page that notes everything that should not happen. */
export type WatchedPage = {
  readonly page: Page;
  /** Errors of the console, of scripts, of the security policy, and requests to anywhere else. */
  readonly faults: string[];
};

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: CHROMIUM_ARGS });
}

/** A fresh page, signed out, that watches itself. */
export async function openPage(
  browser: Browser,
  origin: string,
  size = { width: 1440, height: 900 },
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: size,
    reducedMotion: "reduce",
    timezoneId: "Europe/Madrid",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || /content security policy/i.test(message.text()))
      faults.push(`console on ${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script on ${page.url()}: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:"))
      faults.push(`request to ${url}`);
  });
  page.setDefaultTimeout(15_000);
  return { page, faults };
}

/** Signs a person in by the form, with the password that set-up gave. */
export async function signIn(page: Page, origin: string, email: string, password: string) {
  await page.goto(`${origin}/sign-in`);
  await page.locator('[name="email"]').fill(email);
  await page.locator('[name="password"]').fill(password);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${origin}/`);
}
