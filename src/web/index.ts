import type { Route } from "../domain/route.ts";
import { alarmsRoutes } from "./alarms.tsx";
import type { WebDeps } from "./deps.ts";
import { liveRoutes } from "./live.ts";
import { rulesRoutes } from "./rules.tsx";
import { type SessionDeps, sessionRoutes } from "./session.tsx";
import { workRoutes } from "./work.tsx";

export type AllWebDeps = WebDeps & SessionDeps;

/** Every page, as one table. */
export function webRoutes(deps: AllWebDeps): Route[] {
  return [...sessionRoutes(deps), ...liveRoutes(deps), ...alarmsRoutes(deps), ...rulesRoutes(deps)];
}
