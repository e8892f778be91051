import { expect, test } from "bun:test";
import { type CloseOut, closeOutFault, mayMove, WORK_STATUSES } from "./work-order.ts";

test.each([
  ["requested", ["planned", "in-progress", "done", "cancelled"]],
  ["planned", ["requested", "in-progress", "done", "cancelled"]],
  ["in-progress", ["planned", "done", "cancelled"]],
  ["done", []],
  ["cancelled", ["requested"]],
] as const)("work that is %s may become %p", (from, allowed) => {
  const reachable: string[] = WORK_STATUSES.filter((to) => mayMove(from, to));
  expect(reachable).toEqual([...allowed]);
});

const nothing: CloseOut = {
  ...{ finding: "nothing", failureModeId: undefined, foundAtUs: undefined },
  ...{ hours: undefined, cost: undefined, notes: "" },
};

test.each([
  ["nothing found needs nothing else", {}, undefined],
  ["a failure with its mode", { finding: "failure", failureModeId: "m" }, undefined],
  ["a failure without a mode", { finding: "failure" }, /needs the failure mode/],
  ["planned work with a mode", { finding: "planned", failureModeId: "m" }, /only a failure/],
  ["negative hours", { hours: -1 }, /hours must be 0 or more/],
  ["a cost that is no number", { cost: Number.NaN }, /cost must be 0 or more/],
] as const)("close-out: %s", (_name, over, fault) => {
  const got = closeOutFault({ ...nothing, ...over });
  if (fault === undefined) expect(got).toBeUndefined();
  else expect(got).toMatch(fault);
});
