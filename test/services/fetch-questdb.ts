// Fetches QuestDB from Maven Central into build/services, once: node scripts/run.mjs fetch-questdb
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { QUESTDB } from "./questdb-server.ts";

const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";

function isWhole(path: string): boolean {
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  return sha256 === QUESTDB.sha256;
}

function fetchQuestdb(): number {
  const { jar, version } = QUESTDB;
  if (existsSync(jar) && isWhole(jar)) return 0;
  const folder = `${dirname(jar)}/new`;
  mkdirSync(folder, { recursive: true });
  const artifact = `org.questdb:questdb:${version}`;
  const maven = ["mvn", "-q", "-B", COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
  const ran = Bun.spawnSync(maven, { stdio: ["ignore", "inherit", "inherit"] });
  const fetched = `${folder}/questdb-${version}.jar`;
  if (!ran.success || !existsSync(fetched) || !isWhole(fetched)) {
    process.stderr.write(`${artifact} could not be fetched, or is not the file that it was\n`);
    return 1;
  }
  renameSync(fetched, jar);
  rmSync(folder, { recursive: true });
  return 0;
}

process.exit(fetchQuestdb());
