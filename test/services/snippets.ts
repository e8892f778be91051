import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The code block of a page in docs/ that holds this text, with parts of it replaced: what people copy
 * is what is tested.
 * @throws Error when no block, or more than one, holds it, or a part to replace is not there.
 */
export function snippet(
  page: string,
  text: string,
  replaced: Readonly<Record<string, string>>,
): string {
  const whole = readFileSync(join(import.meta.dir, "..", "..", "docs", page), "utf8");
  const blocks = [...whole.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? "");
  const [found, ...more] = blocks.filter((code) => code.includes(text));
  if (found === undefined || more.length > 0)
    throw new Error(`docs/${page}: ${more.length + (found ? 1 : 0)} code blocks hold ${text}`);
  return Object.entries(replaced).reduce((code, [from, to]) => {
    if (!code.includes(from)) throw new Error(`docs/${page}: no ${from} in the block of ${text}`);
    return code.replaceAll(from, to);
  }, found);
}
