// The one entry behind every npm script: sets the machine up, then runs the real command on the pinned Bun.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensureBun, ensurePackages, fail, newestMs, root, say } from "./toolchain.mjs";

const [command, ...args] = process.argv.slice(2);
const bun = ensureBun();
ensurePackages(bun);

const binary = join(root, "dist", "foresight");
const sources = ["src", "plugins", "views", "scripts", "bun.lock", "package.json"].map((p) =>
  join(root, p),
);

/** Runs a program in this terminal; resolves with its exit code. Ctrl-C reaches it as it would reach us. */
function run(program, argv) {
  const child = spawn(program, argv, { cwd: root, stdio: "inherit" });
  const pass = (signal) => child.kill(signal);
  process.on("SIGINT", () => {}); // the terminal sends it to the child as well
  process.on("SIGTERM", pass);
  process.on("SIGHUP", pass);
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? (signal ? 130 : 1))),
  );
}

async function buildIfStale() {
  if (existsSync(binary) && statSync(binary).mtimeMs >= newestMs(sources)) return;
  say("building dist/foresight");
  const code = await run(bun, ["scripts/build.ts"]);
  if (code !== 0) process.exit(code);
}

switch (command) {
  case "build":
    process.exit(await run(bun, ["scripts/build.ts", ...args]));
    break;
  case "demo": {
    await buildIfStale();
    const where = args.includes("--data") ? [] : ["--data", join(root, "data")];
    process.exit(await run(binary, ["demo", ...where, ...args]));
    break;
  }
  case "test":
    await buildIfStale();
    process.exit(await run(bun, ["scripts/test.ts", ...args]));
    break;
  case "soak":
    await buildIfStale();
    process.exit(await run(bun, ["scripts/test.ts", "--soak", ...args]));
    break;
  case "fetch-questdb":
    process.exit(await run(bun, ["test/services/fetch-questdb.ts", ...args]));
    break;
  case "fetch-telegraf":
    process.exit(await run(bun, ["test/services/fetch-telegraf.ts", ...args]));
    break;
  case "check":
    process.exit(await run(bun, ["scripts/check.ts", ...args]));
    break;
  case "bench":
    await buildIfStale();
    process.exit(await run(bun, ["test/bench/main.ts", ...args]));
    break;
  case "quality":
    if (args[0] === "cmapss-live") await buildIfStale();
    process.exit(await run(bun, ["test/quality/main.ts", ...args]));
    break;
  default:
    fail(`no such script: ${command ?? ""}; see package.json`);
}
