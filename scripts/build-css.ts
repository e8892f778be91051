// Makes build/app.css from views/: tokens, parts and the one-word classes that the views use.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeCss } from "../views/css/uno.ts";

const root = join(import.meta.dir, "..");

/** Writes build/app.css, minified; returns its size in bytes. */
export async function buildCss(): Promise<number> {
  const views = join(root, "views");
  const names = [...new Bun.Glob("**/*.tsx").scanSync(views)].sort();
  const sources = await Promise.all(names.map((name) => Bun.file(join(views, name)).text()));
  const css = await makeCss(join(views, "css"), sources);
  const build = join(root, "build");
  await mkdir(build, { recursive: true });
  const whole = join(build, "whole.css");
  await Bun.write(whole, css);
  const made = await Bun.build({ entrypoints: [whole], minify: true });
  await rm(whole);
  const small = await made.outputs[0]?.text();
  if (!made.success || small === undefined) throw new Error(`css: ${made.logs.join("; ")}`);
  await Bun.write(join(build, "app.css"), small);
  return small.length;
}

if (import.meta.main) {
  const sizeBytes = await buildCss();
  process.stdout.write(`build/app.css ${sizeBytes} bytes\n`);
}
