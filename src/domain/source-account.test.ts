import { expect, test } from "bun:test";
import type { Ledger } from "./source.ts";
import { accountOf, type SourceAccount } from "./source-account.ts";

const ledger: Ledger = {
  ...{ received: 100, fresh: 60, duplicates: 10, overwrites: 5, late: 20, rejected: 3 },
  ...{ ignored: 2, quarantined: 3, replayed: 0, removed: 0, lastReceivedAtUs: 7 },
};

const sum = (a: SourceAccount) =>
  a.stored + a.known + a.corrected + a.undecided + a.refused + a.ignored;

test("late readings are split into what the store decided and what it has not yet", () => {
  const account = accountOf(ledger, { fresh: 8, duplicates: 4, overwrites: 2 });
  expect(account).toEqual({
    ...{ received: 100, stored: 68, known: 14, corrected: 7, undecided: 6, refused: 3 },
    ...{ ignored: 2, late: 20, quarantined: 3, lastReceivedAtUs: 7 },
  });
  expect(sum(account)).toBe(account.received);
});

test("nothing decided: late readings are undecided", () => {
  const account = accountOf(ledger, undefined);
  expect(account).toMatchObject({ stored: 60, undecided: 20, received: 100 });
  expect(sum(account)).toBe(100);
});

test("a store that is ahead of the ledger still adds up", () => {
  const account = accountOf(ledger, { fresh: 30, duplicates: 0, overwrites: 1 });
  expect(account).toMatchObject({ received: 111, late: 31, undecided: 0 });
  expect(sum(account)).toBe(111);
});
