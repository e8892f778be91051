import type { Actor, Change } from "./actor.ts";

/** One customer or plant; nothing of a tenant is seen by another. */
export type Tenant = {
  /** Slug: lower-case letters, digits and hyphens. */
  readonly id: string;
  /** Its number in the log, from 1; never reused. */
  readonly no: number;
  readonly name: string;
  /** IANA zone of sites that name none. */
  readonly zone: string;
  /** ISO 4217 code of every cost. */
  readonly currency: string;
  readonly createdAtUs: number;
  readonly version: number;
};

export type NewTenant = Pick<Tenant, "id" | "name"> & {
  readonly zone?: string | undefined;
  readonly currency?: string | undefined;
};

export type TenantStore = {
  /** @throws AppError "conflict" when the slug is taken, "invalid" for a bad slug, zone or currency. */
  create(input: NewTenant, by: Actor): Promise<Tenant>;
  get(id: string): Promise<Tenant | undefined>;
  list(): Promise<readonly Tenant[]>;
  /** @throws AppError "conflict" when the version is not the newest. */
  update(
    who: Actor,
    patch: Partial<Pick<Tenant, "name" | "zone" | "currency">>,
    change?: Change,
  ): Promise<Tenant>;
};

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text may be a tenant's id. */
export function isTenantSlug(text: string): boolean {
  return SLUG.test(text);
}

/** Whether the runtime knows the IANA zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false; // RangeError: no such zone
  }
}
