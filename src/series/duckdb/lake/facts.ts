import { DEFAULT_CLASS, type SeriesFacts, type TenantFacts } from "../../../domain/lake.ts";
import type { AppendColumn, DuckdbConnection } from "../connection.ts";
import { inTransaction } from "./tables.ts";

/** Names and classes of series, as the relational store has told them. */
export type Facts = {
  classOf(seriesNo: number): string;
  /** Takes those of a tenant in place of what was known of it. */
  store(tenant: TenantFacts): Promise<void>;
};

/** A class is a folder's name. */
const CLASS_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Reads the classes; the connection is kept for changes. */
export async function loadFacts(connection: DuckdbConnection): Promise<Facts> {
  const rows = await connection.rows("select series, class from series_facts");
  const names = rows.text(1);
  const classes = new Map(Array.from(rows.u32(0), (no, row) => [no, names[row] ?? DEFAULT_CLASS]));
  return {
    classOf: (seriesNo) => classes.get(seriesNo) ?? DEFAULT_CLASS,
    async store({ tenantNo, facts }) {
      for (const { className } of facts)
        if (!CLASS_NAME.test(className)) throw new Error(`not a class's name: ${className}`);
      await inTransaction(connection, async () => {
        await connection.run(`delete from series_facts where tenant = ${Math.trunc(tenantNo)}`);
        append(connection, tenantNo, facts);
      });
      for (const { seriesNo, className } of facts) classes.set(seriesNo, className);
    },
  };
}

function append(
  connection: DuckdbConnection,
  tenantNo: number,
  facts: readonly SeriesFacts[],
): void {
  const text = (of: (one: SeriesFacts) => string): AppendColumn => ({
    kind: "text",
    data: facts.map(of),
  });
  const columns: AppendColumn[] = [
    { kind: "u32", data: Uint32Array.from(facts, (one) => one.seriesNo) },
    { kind: "u32", data: new Uint32Array(facts.length).fill(tenantNo) },
    text((one) => one.asset),
    text((one) => one.sensor),
    text((one) => one.unit),
    text((one) => one.className),
  ];
  connection.append("series_facts", columns, facts.length);
}
