import { readFileSync } from "node:fs";
import { join } from "node:path";

const GUIDE = join(import.meta.dir, "..", "..", "docs", "line-protocol.md");

/**
 * The snippet below a heading of docs/line-protocol.md, with this server and token in place of the guide's.
 * @throws Error when there is none of that language.
 */
export function snippetOf(
  heading: string,
  language: string,
  server: { readonly port: number },
  token: string,
): string {
  const text = readFileSync(GUIDE, "utf8");
  const [, below = ""] = text.split(`### ${heading}\n`);
  const [part = ""] = below.split("\n### ");
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(part)?.[1];
  if (found === undefined) throw new Error(`no ${language} below "${heading}" in ${GUIDE}`);
  return found
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${server.port}`)
    .replaceAll("THE_TOKEN", token);
}
