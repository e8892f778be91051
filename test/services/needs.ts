import { test } from "bun:test";

/** What a program that tests start is, or why it cannot be used on this machine. */
export type Found<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly why: string;
      /** Not a test of this run, whatever the machine has: never a failure. */
      readonly isMeant?: true;
    };

type TestFunction = (name: string, body: () => void | Promise<void>, timeoutMs?: number) => void;

/** True when a missing program must fail the run instead of skipping tests. */
export function servicesAreRequired(): boolean {
  return process.env.FORESIGHT_REQUIRE_SERVICES === "1";
}

/**
 * `test` for tests that need something of the machine. Where it is missing they are skipped and say
 * why; with FORESIGHT_REQUIRE_SERVICES=1 they fail.
 */
export function testWith(...needs: readonly Found<unknown>[]): TestFunction {
  const missing = needs.flatMap((need) => (need.ok ? [] : [need]));
  if (missing.length === 0) return test;
  const why = missing.map((need) => need.why).join("; ");
  if (servicesAreRequired() && !missing.some((need) => need.isMeant)) {
    return (name) =>
      test(name, () => {
        throw new Error(`${why} (FORESIGHT_REQUIRE_SERVICES=1 makes this a failure)`);
      });
  }
  process.stderr.write(`skipped: ${why}\n`);
  return (name) => test.skip(`${name} (${why})`, () => {});
}

/** A need that is a plain fact of the machine. */
export function need(isThere: boolean, why: string): Found<true> {
  return isThere ? { ok: true, value: true } : { ok: false, why };
}
