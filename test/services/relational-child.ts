import { systemActor } from "../../src/domain/actor.ts";
import { embeddedPlace, openForTest } from "./relational.ts";

// A program that starts the embedded PostgreSQL, writes, says so, and waits to be killed.
const store = await openForTest(await embeddedPlace(process.argv[2] ?? ""));
await store.tenants.create({ id: "acme", name: "Acme" }, systemActor("acme", "child"));
process.stdout.write("written\n");
await new Promise(() => setInterval(() => {}, 1_000));
