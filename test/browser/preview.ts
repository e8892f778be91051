// Serves every page with sample data, to look at: bun test/browser/preview.ts [port]
import { assetFiles, assetUrls } from "../../views/assets/index.ts";
import { renderPage } from "../../views/layout.tsx";
import { alarmSamples } from "./samples/alarms.tsx";
import { assetSamples } from "./samples/asset.tsx";
import { dataSamples } from "./samples/data.tsx";
import { peopleSamples } from "./samples/people.tsx";
import { plantSamples } from "./samples/plant.tsx";
import { ASSET_URLS } from "./samples/shell.ts";
import { workSamples } from "./samples/work.tsx";

const SAMPLES = [
  ...plantSamples,
  ...assetSamples,
  ...alarmSamples,
  ...workSamples,
  ...dataSamples,
  ...peopleSamples,
];

/** Every page with sample data, as HTML whose files have their real addresses. */
export function samplePages(theme: "system" | "light" | "dark" | "contrast"): Map<string, string> {
  const pages = new Map<string, string>();
  for (const [name, page] of SAMPLES) {
    let html = renderPage(page);
    for (const [key, path] of Object.entries(ASSET_URLS))
      html = html.replaceAll(`"${path}"`, `"${Reflect.get(assetUrls, key)}"`);
    if (theme !== "system") html = html.replace("<html ", `<html data-theme="${theme}" `);
    pages.set(name, html);
  }
  return pages;
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Answers for the sample pages under /<theme>/<name>, with the product's own policy. */
export function servePreview(port: number): ReturnType<typeof Bun.serve> {
  return Bun.serve({
    port,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const file = assetFiles.find((one) => one.path === pathname);
      if (file)
        return new Response(await file.bytes(), { headers: { "content-type": file.contentType } });
      const [, theme = "", name = ""] = pathname.split("/");
      if (theme !== "light" && theme !== "dark" && theme !== "contrast" && theme !== "system")
        return new Response("not found", { status: 404 });
      const html = samplePages(theme).get(name);
      if (html === undefined) return new Response("not found", { status: 404 });
      return new Response(html, {
        headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY },
      });
    },
  });
}

if (import.meta.main) {
  const server = servePreview(Number(process.argv[2] ?? "4199"));
  const names = [...samplePages("light").keys()].map((name) => `${server.url}light/${name}`);
  process.stdout.write(`${names.join("\n")}\n`);
}
