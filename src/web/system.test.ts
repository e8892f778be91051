import { expect, test } from "bun:test";
import type { Shell } from "../../views/shell.ts";
import { systemProps } from "./system.tsx";
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
