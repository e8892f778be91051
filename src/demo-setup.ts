import type { Core } from "./core.ts";
import { systemActor } from "./domain/actor.ts";
import type { NewRule } from "./domain/rule-store.ts";
import { readableLabel } from "./domain/sensor.ts";
import { setUpTenant } from "./operations.ts";

export const tenantIdOfDemo = "demo";
const EMAIL = "operator@demo.example";
const KEY_NAME = "Demo devices";

function randomPassword(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url");
}

/**
 * The demo's tenant, its administrator (whose password nobody knows: one signs in by link), and a fresh
 * key for its devices; keys of earlier starts are revoked.
 */
export async function setUpDemoTenant(core: Core): Promise<{ sourceId: string; token: string }> {
  const { relational } = core;
  const who = systemActor(tenantIdOfDemo, "demo");
  const tenant = await relational.tenants.get(tenantIdOfDemo);
  if (tenant === undefined || (await relational.users.list(who)).length === 0)
    await setUpTenant(relational, {
      tenant: tenantIdOfDemo,
      name: "Demo plant",
      email: EMAIL,
      zone: "Europe/Madrid",
      password: randomPassword(),
    });
  const source = await relational.sources.ensure(who, { kind: "demo", name: "Demo gateway" });
  for (const key of await relational.apiKeys.list(who))
    if (key.name === KEY_NAME && key.revokedAtUs === undefined)
      await relational.apiKeys.revoke(who, key.id);
  const { token } = await relational.apiKeys.create(who, {
    name: KEY_NAME,
    scope: "write",
    sourceId: source.id,
  });
  return { sourceId: source.id, token };
}

const HOLD_MS = 30 * 60_000;

/** A warning and a critical rule for each sensor name of a type that has such limits. */
export async function setUpDemoRules(core: Core): Promise<void> {
  const { relational } = core;
  const who = systemActor(tenantIdOfDemo, "demo");
  if ((await relational.rules.list(who)).length > 0) return;
  const assets = new Map((await relational.assets.all(who)).map((asset) => [asset.id, asset]));
  const types = new Map((await relational.assetTypes.list(who)).map((type) => [type.id, type]));
  const seen = new Set<string>();
  for (const sensor of await relational.sensors.all(who)) {
    const type = types.get(assets.get(sensor.assetId)?.typeId ?? "");
    if (type === undefined || seen.has(`${type.id} ${sensor.name}`)) continue;
    seen.add(`${type.id} ${sensor.name}`);
    const scope = { kind: "type", assetTypeId: type.id, sensorName: sensor.name } as const;
    const of = `${readableLabel(sensor).toLowerCase()} of a ${type.name.toLowerCase()}`;
    const { highWarning, highCritical, lowWarning, lowCritical } = sensor.limits;
    const rules: NewRule[] = [];
    const add = (
      severity: NewRule["severity"],
      op: NewRule["op"],
      threshold: number | undefined,
      name: string,
    ) => {
      if (threshold === undefined) return;
      const clear = threshold * (op === "above" ? 0.97 : 1.03);
      rules.push({ name, severity, op, threshold, clear, holdMs: HOLD_MS, scope });
    };
    add("warning", "above", highWarning, `High ${of}`);
    add("critical", "above", highCritical, `Very high ${of}`);
    add("warning", "below", lowWarning, `Low ${of}`);
    add("critical", "below", lowCritical, `Very low ${of}`);
    for (const rule of rules) await relational.rules.create(who, rule);
  }
  await core.tellLog();
}
