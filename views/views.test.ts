import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeCss } from "./css/uno.ts";
import { paths, withQuery } from "./paths.ts";

const folder = import.meta.dir;
const all = [...new Bun.Glob("**/*.{ts,tsx,css,js,svg}").scanSync(folder)].filter(
  (name) => !name.includes(".test."),
);
const read = (name: string) => readFileSync(join(folder, name), "utf8");

test("only the token file names a colour", () => {
  const guilty = all
    .filter((name) => name !== "css/tokens.ts")
    .filter((name) => /#[0-9a-f]{3,8}\b(?![-\w])|rgba?\(|hsla?\(/i.test(colourText(name)));
  expect(guilty).toEqual([]);
});

/** Without what looks like a colour and is none: ids in addresses and entities. */
function colourText(name: string): string {
  return read(name)
    .replace(/url\(#[\w-]+\)/g, "")
    .replace(/[`"'(,\s]#[a-z][\w-]*[`"',\s{.:]/gi, (text) =>
      /^.#[0-9a-f]{3,8}.$/i.test(text) ? text : "",
    );
}

test("no view has a style attribute, an event attribute or a value of its own", () => {
  const guilty = all
    .filter((name) => name.endsWith(".tsx"))
    .filter((name) => /\sstyle=|\son[a-z]+=|\[#|dangerouslySetInnerHTML/.test(read(name)));
  expect(guilty).toEqual([]);
});

test("nothing is asked of another host", () => {
  const guilty = all.filter((name) => /https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(read(name)));
  expect(guilty).toEqual([]);
});

test("texts for people come from the catalogue", () => {
  const guilty = all
    .filter((name) => name.endsWith(".tsx"))
    .flatMap((name) =>
      [...read(name).matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+[.:]?)\s*</g)].map(
        (found) => `${name}: ${found[1]}`,
      ),
    );
  expect(guilty).toEqual([]);
});

test("the style sheet fits its budget of 14 kB and holds every theme", async () => {
  const sources = all.filter((name) => name.endsWith(".tsx")).map(read);
  const css = await makeCss(join(folder, "css"), sources);
  expect(Bun.gzipSync(new TextEncoder().encode(css)).length).toBeLessThan(14_000);
  expect(css).toContain("prefers-color-scheme");
  expect(css).toContain('data-theme="dark"');
  expect(css).toContain('data-theme="contrast"');
  expect(css).toContain(".muted");
});

test.each([
  [paths.alarmAcknowledgement(41), "/alarms/41/acknowledgement"],
  [paths.asset("a/b?c"), "/assets/a%2Fb%3Fc"],
  [withQuery(paths.assets, { q: "", branch: "x y" }), "/assets?branch=x+y"],
  [withQuery(paths.assets, { q: undefined }), "/assets"],
])("an address: %s", (made, wanted) => {
  expect(made).toBe(wanted);
});
