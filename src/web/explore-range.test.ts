import { expect, test } from "bun:test";
import fc from "fast-check";
import { exactTime, exploreHref, movedView, SERIES_MOST, viewOf } from "./explore-range.ts";

const NOW_US = Date.UTC(2026, 10, 25, 12) * 1000;
const HOUR_US = 3_600_000_000;
const view = (query: Parameters<typeof viewOf>[0], zone = "UTC") => viewOf(query, zone, NOW_US);

test("without times it shows the last day", () => {
  const day = { range: "24h", fromUs: NOW_US - 24 * HOUR_US, toUs: NOW_US, problem: undefined };
  expect(view({ s: "a" })).toMatchObject({ chosen: ["a"], tier: "auto", ...day });
  expect(view({ s: "a", range: "what", res: "what" })).toMatchObject({ tier: "auto", ...day });
});

test("a time without a zone is the site's clock, with a Z it is exact", () => {
  const from = Date.UTC(2026, 10, 24, 9) * 1000;
  const query = { from: "2026-11-24T10:00", to: "2026-11-24T10:00:00.250Z" };
  const { fromUs, toUs } = view(query, "Europe/Warsaw");
  expect([fromUs, toUs]).toEqual([from, Date.UTC(2026, 10, 24, 10, 0, 0, 250) * 1000]);
});

test.each([
  ["a time nobody can read", { from: "yesterday", to: "2026-11-24T10:00" }, "Write both times"],
  ["an end before the start", { from: "2026-11-24T10:00", to: "2026-11-23T10:00" }, "at least"],
  ["a start before 1970", { from: "1960-01-01T00:00", to: "2026-11-23T10:00" }, "too long"],
])("%s is named, and the last day shown", (_name, query, problem) => {
  const shown = view(query);
  expect(shown.problem).toContain(problem);
  expect(shown).toMatchObject({ range: "24h", toUs: NOW_US });
});

test("of too many series the first are shown, each once", () => {
  const s = Array.from({ length: SERIES_MOST + 2 }, (_, i) => `s${i}`);
  const shown = view({ s: [...s, "s0"] });
  expect(shown.chosen).toEqual(s.slice(0, SERIES_MOST));
  expect(shown.problem).toContain("too many");
});

test("an address says what it was made from", () => {
  const time = fc.integer({ min: 0, max: NOW_US / 1000 }).map((ms) => ms * 1000);
  fc.assert(
    fc.property(
      time,
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.boolean(),
      (fromUs, s, asTable) => {
        const made = view({
          ...{ s: ["a b", "c&d"], res: "1h", view: asTable ? "table" : "" },
          ...{ from: exactTime(fromUs), to: exactTime(fromUs + s * 1_000_000) },
        });
        const query = new URL(exploreHref(made), "http://localhost").searchParams;
        const again = view({ ...Object.fromEntries(query), s: query.getAll("s") });
        expect(again).toEqual(made);
      },
    ),
  );
});

test("moving keeps the length and never shows what is ahead of now", () => {
  const day = view({ range: "24h" });
  const earlier = movedView(day, { share: -0.5 }, NOW_US);
  expect([earlier.fromUs, earlier.toUs]).toEqual([NOW_US - 36 * HOUR_US, NOW_US - 12 * HOUR_US]);
  expect(movedView(earlier, { share: 0.5 }, NOW_US)).toMatchObject({ toUs: NOW_US });
  const wider = movedView(day, { factor: 2 }, NOW_US);
  expect([wider.toUs, wider.toUs - wider.fromUs]).toEqual([NOW_US, 48 * HOUR_US]);
  const closer = movedView(day, { factor: 0.5 }, NOW_US);
  expect(closer).toMatchObject({ fromUs: NOW_US - 18 * HOUR_US, toUs: NOW_US - 6 * HOUR_US });
});
