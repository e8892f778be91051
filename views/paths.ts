/** An id as it stands in an address. */
type Id = string | number;

const at = (path: string, id: Id): string => `${path}/${encodeURIComponent(String(id))}`;

/** Adds query parameters; those that are undefined or empty are left out, lists are repeated. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined | readonly string[]>>,
): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) search.append(key, one);
    else if (value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** Every address of the pages. Names are nouns; an act is a POST to a noun. */
export const paths = {
  now: "/",
  signIn: "/sign-in",
  signOut: "/sign-out",
  setup: "/setup",
  me: "/me",
  theme: "/theme",
  search: "/search",
  live: "/live",

  assets: "/assets",
  asset: (id: Id) => at("/assets", id),
  assetCosts: (id: Id) => `${at("/assets", id)}/costs`,
  sensor: (id: Id) => at("/sensors", id),

  explore: "/explore",
  exploreFound: "/explore/found",
  exploreReadings: "/explore/readings",

  alarms: "/alarms",
  alarm: (id: Id) => at("/alarms", id),
  alarmAcknowledgement: (id: Id) => `${at("/alarms", id)}/acknowledgement`,
  alarmClosure: (id: Id) => `${at("/alarms", id)}/closure`,

  rules: "/rules",
  ruleNew: "/rules/new",
  rule: (id: Id) => at("/rules", id),
  ruleRemoval: (id: Id) => `${at("/rules", id)}/removal`,

  predictions: "/predictions",
  prediction: (id: Id) => at("/predictions", id),

  work: "/work",
  workNew: "/work/new",
  workOrder: (id: Id) => at("/work", id),
  workClose: (id: Id) => `${at("/work", id)}/close`,

  alarmsAcknowledgement: "/alarms/acknowledgement",

  jobs: "/jobs",
  jobRuns: (id: Id) => `${at("/jobs", id)}/runs`,

  models: "/models",
  model: (id: Id) => at("/models", id),

  ingest: "/ingest",
  source: (id: Id) => at("/ingest/sources", id),
  sourceSampleRate: (id: Id) => `${at("/ingest/sources", id)}/sample-rate`,
  quarantineOf: (sourceId: string) => withQuery("/ingest/quarantine", { source: sourceId }),
  inbox: "/ingest/inbox",
  inboxAdoption: "/ingest/inbox/adoption",
  inboxIgnored: "/ingest/inbox/ignored",
  inboxReleased: "/ingest/inbox/released",
  inboxPlacements: "/ingest/inbox/placements",
  placementRules: "/ingest/placement-rules",
  placementRuleRemoval: (id: Id) => `${at("/ingest/placement-rules", id)}/removal`,
  quarantine: "/ingest/quarantine",
  mappingRules: "/ingest/mapping-rules",
  mappingRuleRemoval: (id: Id) => `${at("/ingest/mapping-rules", id)}/removal`,
  quarantineReplays: "/ingest/quarantine/replays",
  quarantineRemovals: "/ingest/quarantine/removals",
  uploads: "/ingest/uploads",
  tokens: "/ingest/tokens",
  tokenRevocation: (id: Id) => `${at("/ingest/tokens", id)}/revocation`,

  users: "/admin/users",
  user: (id: Id) => at("/admin/users", id),
  audit: "/admin/audit",
  lineKeys: "/admin/line-keys",
  lineKeyRevocation: (id: Id) => `${at("/admin/line-keys", id)}/revocation`,
  retention: "/admin/retention",
  retentionHeld: "/admin/retention/held",
  retentionRuns: "/admin/retention/runs",
  system: "/admin/system",
} as const;
