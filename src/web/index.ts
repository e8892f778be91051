import type { Route } from "../domain/route.ts";
import { alarmsRoutes } from "./alarms.tsx";
import { assetsRoutes } from "./assets.tsx";
import { exploreRoutes } from "./explore.tsx";
import { inboxRoutes } from "./inbox.tsx";
import { ingestRoutes } from "./ingest.tsx";
import { jobsRoutes } from "./jobs.tsx";
import { lineKeysRoutes } from "./line-keys.tsx";
import { liveRoutes } from "./live.ts";
import { mappingRuleRoutes } from "./mapping-rules.tsx";
import { modelsRoutes } from "./models.tsx";
import { nowRoutes } from "./now.tsx";
import { peopleRoutes } from "./people.tsx";
import { placementRuleRoutes } from "./placement-rules.tsx";
import { predictionsRoutes } from "./predictions.tsx";
import { quarantineRoutes } from "./quarantine.tsx";
import { retentionRoutes } from "./retention.tsx";
import { rulesRoutes } from "./rules.tsx";
import { searchRoutes } from "./search.tsx";
import { sensorsRoutes } from "./sensors.tsx";
import { sessionRoutes } from "./session.tsx";
import { type SetupDeps, setupRoutes } from "./setup.tsx";
import { sourceRoutes } from "./source.tsx";
import { systemRoutes } from "./system.tsx";
import { uploadsRoutes } from "./uploads.tsx";
import { workRoutes } from "./work.tsx";

export { fileRoutes } from "./files.ts";
export { demoPage, openingPage } from "./opening.tsx";
export { problemPage } from "./problem.tsx";
export { createSilence } from "./silence.ts";

/** Every page, as one table. */
export function webRoutes(deps: SetupDeps): Route[] {
  return [
    ...setupRoutes(deps),
    ...sessionRoutes(deps),
    ...liveRoutes(deps),
    ...nowRoutes(deps),
    ...assetsRoutes(deps),
    ...sensorsRoutes(deps),
    ...exploreRoutes(deps),
    ...predictionsRoutes(deps),
    ...modelsRoutes(deps),
    ...alarmsRoutes(deps),
    ...rulesRoutes(deps),
    ...workRoutes(deps),
    ...jobsRoutes(deps),
    ...ingestRoutes(deps),
    ...inboxRoutes(deps),
    ...placementRuleRoutes(deps),
    ...quarantineRoutes(deps),
    ...mappingRuleRoutes(deps),
    ...sourceRoutes(deps),
    ...uploadsRoutes(deps),
    ...peopleRoutes(deps),
    ...retentionRoutes(deps),
    ...lineKeysRoutes(deps),
    ...systemRoutes(deps),
    ...searchRoutes(deps),
  ];
}
