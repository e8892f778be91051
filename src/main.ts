// The entry. The database's guard stays small: it loads nothing of the rest.
const [command, ...rest] = process.argv.slice(2);
if (command === "pg-guard") {
  const { runPgGuard } = await import("./relational/embedded/guard.ts");
  process.exit(await runPgGuard(rest));
}
const { runCommand } = await import("./commands.ts");
process.exit(await runCommand(process.argv.slice(2)));

export {};
