import type { Config } from "./config.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";

/** What the whole application is given of the outside. */
export type AppDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Command that starts this program again. */
  readonly self: readonly string[];
};
