import { expect, test } from "bun:test";
import { manualClock } from "./clock.ts";
import { createLiveHub } from "./live-hub.ts";

function hubWith(maxClients: number) {
  const clock = manualClock(0);
  const hub = createLiveHub({ clock, maxClients });
  const got: string[] = [];
  const client = {
    send: (chunk: string) => void got.push(chunk),
    close: () => void got.push("closed"),
  };
  return { clock, hub, got, client };
}

test("changes of one name within a round reach a page once, and only its tenant's", () => {
  const { clock, hub, got, client } = hubWith(2);
  hub.join("acme", client);
  for (let i = 0; i < 100; i++) hub.changed("acme", "alerts");
  hub.changed("other", "alerts");
  clock.advanceMs(500);
  expect(got).toEqual(["event: alerts\ndata: changed\n\n"]);
});

test("a page too many is refused and counted; a page that left makes room", () => {
  const { hub, client } = hubWith(1);
  const leave = hub.join("acme", client);
  expect(hub.join("acme", client)).toBeUndefined();
  expect(hub.refused()).toBe(1);
  leave?.();
  leave?.();
  expect(hub.join("acme", client)).toBeDefined();
});

test("closing the hub closes its pages", () => {
  const { hub, got, client } = hubWith(1);
  hub.join("acme", client);
  hub.close();
  expect(got).toEqual(["closed"]);
});
