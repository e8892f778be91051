import { expect, test } from "bun:test";
import type { Shell } from "../../views/shell.ts";
import { listenerRows, sharedSystemProps, systemProps } from "./system.tsx";
import { NOW_US, words } from "./test-plant.ts";

test("followers are said to be up to date, or how far they are behind; damage is counted", () => {
  const props = systemProps(
    {
      ...{ logSequence: 12_345, logBytes: 5e6, refusal: "the disk is full" },
      consumers: [
        { name: "store", sequence: 12_000, behindReadings: 40_000, behindUs: 2_400_000 },
        { name: "relational", sequence: 12_345, behindReadings: 0, behindUs: 0 },
      ],
      damage: [
        {
          ...{ firstSequence: 4, lastSequence: 5, file: undefined, copy: undefined },
          ...{ fromByte: 0, toByte: 0, readings: 7, foundAtUs: NOW_US },
        },
      ],
    },
    { shell: {} as Shell, format: words.format, nowUs: NOW_US }, // only handed on
  );
  expect(props.opening).toBe("The log is at frame 12,345 and takes 5 MB.");
  expect(props.refusal).toBe("the disk is full");
  expect(props.followers).toEqual([
    { name: "Store of readings", sequence: "12,000", behind: "about 40,000 readings and 2 s" },
    { name: "Assets and alarms", sequence: "12,345", behind: "up to date" },
  ]);
  expect(props.damage).toMatchObject([{ frames: "4 to 5", readings: "at least 7" }]);
});

test("where several tenants live, followers say how late they are and nothing of all is shown", () => {
  const consumers = [
    { name: "store", sequence: 12_000, behindReadings: 40_000, behindUs: 2_400_000 },
    { name: "relational", sequence: 12_345, behindReadings: 0, behindUs: 0 },
  ] as const;
  const shell = {} as Shell; // only handed on
  const props = sharedSystemProps({ consumers, refusal: "7 bytes are free" }, { ...words, shell });
  expect(props.followers.map(({ behind }) => behind.replace("\u202f", " "))).toEqual([
    "2 s",
    "up to date",
  ]);
  expect(props.damage).toBeUndefined();
  expect(JSON.stringify(props)).not.toMatch(/12,|40,|7 bytes/);
});

test("a listener tells what it lost or held up, and why it ended connections", () => {
  const counted = { name: "tcp", port: 9009, connections: 3, heldBytes: 0, opened: 9, bytes: 5e6 };
  const none = { partialLines: 0, droppedLines: 0, droppedDatagrams: 0, refusals: 0, pauses: 0 };
  const one = { ...counted, datagrams: 0, readings: 1_200, rejectedLines: 4, ...none, ended: {} };
  const rows = listenerRows([one, { ...one, droppedLines: 2, ended: { idle: 5, tls: 0 } }], words);
  expect(rows.map(({ trouble }) => trouble)).toEqual(["nothing", "2 lines dropped, 5 ended: idle"]);
  expect(rows[0]).toMatchObject({ port: "9009", readings: "1,200", rejected: "4" });
});
