import { expect, test } from "bun:test";
import { systemActor } from "../domain/actor.ts";
import { createRevisions } from "./database.ts";
import { keepList } from "./kept-list.ts";

const who = (tenantId: string) => systemActor(tenantId, "test");

function setUp(read: (tenantId: string) => Promise<readonly number[]> = async () => [1, 2]) {
  const asked: string[] = [];
  const clock = { nowUs: () => time.nowUs, after: () => () => {}, every: () => () => {} };
  const time = { nowUs: 0 };
  const revisions = createRevisions();
  const list = keepList({ revisions, clock }, (actor) => {
    asked.push(actor.tenantId);
    return read(actor.tenantId);
  });
  return { asked, time, revisions, list };
}

test("it is read once until something of the tenant is written", async () => {
  const { asked, revisions, list } = setUp();
  expect(await list(who("a"))).toEqual([1, 2]);
  await list(who("a"));
  await list(who("b"));
  expect(asked).toEqual(["a", "b"]);
  revisions.bump("a");
  await list(who("a"));
  await list(who("b"));
  expect(asked).toEqual(["a", "b", "a"]);
});

test("callers at the same time share one reading, and nobody can change the rows", async () => {
  const { asked, list } = setUp();
  const [one, other] = await Promise.all([list(who("a")), list(who("a"))]);
  expect(asked).toEqual(["a"]);
  expect(one).toBe(other);
  expect(Object.isFrozen(one)).toBe(true);
});

test("what is written while it is read makes it old", async () => {
  const reading = Promise.withResolvers<readonly number[]>();
  const { asked, revisions, list } = setUp(() => reading.promise);
  const early = list(who("a"));
  revisions.bump("a");
  const late = list(who("a"));
  reading.resolve([3]);
  expect(await Promise.all([early, late])).toEqual([[3], [3]]);
  expect(asked).toEqual(["a", "a"]);
});

test("a reading that failed is not kept", async () => {
  let isAway = true;
  const { asked, list } = setUp(async () => {
    if (isAway) throw new Error("away");
    return [4];
  });
  await expect(list(who("a"))).rejects.toThrow("away");
  isAway = false;
  expect(await list(who("a"))).toEqual([4]);
  expect(asked.length).toBe(2);
});

test("it is read again after a minute, and a very long one each time", async () => {
  const { asked, time, list } = setUp(async (tenantId) =>
    tenantId === "long" ? new Array(60_000).fill(1) : [1],
  );
  await list(who("a"));
  time.nowUs = 59_000_000;
  await list(who("a"));
  time.nowUs = 61_000_000;
  await list(who("a"));
  expect(asked).toEqual(["a", "a"]);
  await list(who("long"));
  await list(who("long"));
  expect(asked.slice(2)).toEqual(["long", "long"]);
});

test("fifty tenants are kept, those asked for last", async () => {
  const { asked, list } = setUp();
  for (let no = 0; no < 51; no++) await list(who(`t${no}`));
  asked.length = 0;
  await list(who("t1"));
  await list(who("t0"));
  expect(asked).toEqual(["t0"]);
});
