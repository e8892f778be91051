import { expect, test } from "bun:test";
import { DEFAULT_POLICY, type RetentionPolicy } from "../domain/retention.ts";
import { classRows, policyOfForm, valuesOfPolicy } from "./retention-form.ts";

const policy: RetentionPolicy = {
  classes: [
    ...DEFAULT_POLICY.classes,
    { name: "short", keepDays: { raw: 7, "5m": 30, "1h": null, "1d": null, waveform: 14 } },
  ],
  byAssetType: { pump: "short" },
  bySensor: { "sensor-with-hyphens": "default" },
};
const values = valuesOfPolicy(policy);

test("a form that nobody changed asks for what there is", () => {
  expect(classRows(values)).toBe(2);
  expect(policyOfForm({ ...values, csrf: "x", act: "look" }).policy).toEqual(policy);
});

test("an empty row is no class; what belonged to a class that goes falls to the default", () => {
  const form = { ...values, "class-1-drop": "on", "class-2-name": "", "class-2-raw": "" };
  expect(policyOfForm(form).policy).toEqual({
    ...{ classes: DEFAULT_POLICY.classes, byAssetType: {} },
    bySensor: { "sensor-with-hyphens": "default" },
  });
});

test.each([
  ["days that are none", { "class-1-raw": "soon" }, "class-1-raw"],
  ["no day at all", { "class-1-raw": "0" }, "class-1-raw"],
  ["half a day", { "class-1-m5": "1.5" }, "class-1-m5"],
  ["a name with capitals", { "class-1-name": "Short" }, "class-1-name"],
  ["a name twice", { "class-2-name": "short" }, "class-2-name"],
  ["no default", { "class-0-name": "long" }, ""],
])("%s is refused where it stands, and what was typed stays", (_name, change, field) => {
  const { policy: none, state } = policyOfForm({ ...values, ...change });
  expect(none).toBeUndefined();
  expect(Object.keys(state.errors)).toEqual([field]);
  expect(state.values).toMatchObject(change);
});
