import { runPgGuard } from "../../src/relational/index.ts";

// What `foresight pg-guard` runs, for tests that start the embedded PostgreSQL from the repository.
process.exit(await runPgGuard(process.argv.slice(3)));
