import { expect, test } from "bun:test";
import { createRateMeter } from "./rate-meter.ts";

const meter = (samples = 3, maxKeys = 2) => createRateMeter({ samples, spacingUs: 1e6, maxKeys });

test("a rate is the rise between two values over their time", () => {
  const rates = meter();
  rates.take("a", 0, 100);
  rates.take("a", 0.5e6, 999); // too soon after the one before
  rates.take("a", 2e6, 300);
  expect(rates.rates("a")).toEqual({ atUs: [2e6], perS: [100] });
  expect(rates.rates("b")).toEqual({ atUs: [], perS: [] });
});

test("only the newest values, of only so many keys, are kept", () => {
  const rates = meter();
  for (let i = 0; i < 10; i++) for (const key of ["a", "b", "c"]) rates.take(key, i * 1e6, i);
  expect(rates.rates("a").atUs).toEqual([8e6, 9e6]);
  expect(rates.rates("c").atUs).toEqual([]);
});

test("a counter that began anew shows no negative rate", () => {
  const rates = meter();
  rates.take("a", 0, 100);
  rates.take("a", 1e6, 5);
  expect(rates.rates("a").perS).toEqual([0]);
});
