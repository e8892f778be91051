/** How long a soak test runs; the runner shares its time between them. */
export function soakSeconds(): number {
  return Number(process.env.FORESIGHT_SOAK_SECONDS ?? 30);
}

/** What everything random in a soak test is drawn from; the runner prints it. */
export function soakSeed(): number {
  return Number(process.env.FORESIGHT_SOAK_SEED ?? 1);
}

/** What a soak test may be told to do so many of, whatever time that takes. */
export type SoakCount = "kills" | "inputs" | "series";

/** How many; undefined when the seconds say how long it runs. */
export function soakCount(of: SoakCount): number | undefined {
  const text = process.env[`FORESIGHT_SOAK_${of.toUpperCase()}`];
  return text === undefined || text === "" ? undefined : Number(text);
}

/** Whether a soak test has done its count, or has used its seconds up when it has none. */
export function soakEnd(of: SoakCount): (done: number) => boolean {
  const count = soakCount(of);
  const endMs = performance.now() + soakSeconds() * 1000;
  return (done) => (count === undefined ? performance.now() >= endMs : done >= count);
}

/** Time after which a soak test hangs: what its count may take each, or its seconds, and a start and an end. */
export function soakLimitMs(of: SoakCount, msEach: number): number {
  const count = soakCount(of);
  return (count === undefined ? soakSeconds() * 1000 : count * msEach) + 600_000;
}
