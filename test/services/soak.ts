/** How long a soak test runs; the runner shares its time between them. */
export function soakSeconds(): number {
  return Number(process.env.FORESIGHT_SOAK_SECONDS ?? 30);
}

/** What everything random in a soak test is drawn from; the runner prints it. */
export function soakSeed(): number {
  return Number(process.env.FORESIGHT_SOAK_SEED ?? 1);
}
