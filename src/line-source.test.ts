import { expect } from "bun:test";
import { onEveryPlace } from "../test/services/relational.ts";
import { systemActor } from "./domain/actor.ts";
import { manualClock } from "./lib/clock.ts";
import { createLineSource } from "./line-source.ts";

onEveryPlace("a listener's source", ({ test, store }) => {
  test("is looked for until its tenant is there, and made once", async () => {
    const clock = manualClock(1e15);
    const source = createLineSource({
      ...{ relational: store(), clock, env: "FORESIGHT_UDP_SOURCE", setting: "late/hall 2/a" },
    });
    await expect(source()).rejects.toThrow("FORESIGHT_UDP_SOURCE: there is no tenant late");
    const who = systemActor("late", "test");
    await store().tenants.create({ id: "late", name: "Late" }, who);
    await expect(source()).rejects.toMatchObject({ code: "not-found" }); // not asked again so soon
    clock.advanceMs(1_000);
    const found = await source();
    expect(await source()).toEqual(found);
    const sources = await store().sources.list(who);
    expect(sources).toMatchObject([
      { name: "hall 2/a", kind: "line-protocol", no: found.sourceNo },
    ]);
  });
});
