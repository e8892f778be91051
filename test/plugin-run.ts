import { plugins } from "../plugins/index.ts";
import { systemClock } from "../src/lib/clock.ts";
import { runPlugin } from "../src/plugin-host/index.ts";
import { misbehaving } from "./misbehaving-plugins.ts";

/** What `foresight plugin-run` does, for tests that run from source, with plugins that misbehave. */
process.exit(
  await runPlugin({
    input: Bun.stdin.stream(),
    output: Bun.stdout.writer(),
    plugins: [...plugins, ...misbehaving],
    clock: systemClock,
  }),
);
