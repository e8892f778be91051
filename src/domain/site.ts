import type { Actor, Change } from "./actor.ts";

/** A place with its own days: buckets of a day and schedules follow its zone. */
export type Site = {
  readonly id: string;
  readonly name: string;
  /** IANA zone. */
  readonly zone: string;
  readonly version: number;
};

export type SiteStore = {
  list(who: Actor): Promise<readonly Site[]>;
  get(who: Actor, id: string): Promise<Site | undefined>;
  create(who: Actor, input: Pick<Site, "name" | "zone">, change?: Change): Promise<Site>;
  update(
    who: Actor,
    id: string,
    patch: Partial<Pick<Site, "name" | "zone">>,
    change?: Change,
  ): Promise<Site>;
  /** @throws AppError "conflict" while assets stand there. */
  remove(who: Actor, id: string, change?: Change): Promise<void>;
};
