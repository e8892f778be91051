import type { Found } from "./needs.ts";

/** Arguments for a Chromium that asks nothing of the network and runs as root. */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** The system's Chromium. */
export function findChromium(): Found<string> {
  const path = ["chromium", "chromium-browser", "google-chrome"]
    .map((name) => Bun.which(name))
    .find((found) => found !== null);
  return path === undefined || path === null
    ? { ok: false, why: "no Chromium; install Debian's package chromium" }
    : { ok: true, value: path };
}
