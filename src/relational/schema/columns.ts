import { bigint, customType, text } from "drizzle-orm/pg-core";

/** µs since epoch, or another count beyond 2^31; exact in a number. */
export const us = (name: string) => bigint(name, { mode: "number" });

/** First column of every table. */
export const tenantId = () => text("tenant_id").notNull();

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
});
