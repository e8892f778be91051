import { AppError } from "../domain/error.ts";

const AWAY = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "ENOTFOUND"],
  ...["57P01", "57P02", "57P03", "08000", "08003", "08006", "53300"],
]);

/** The driver's own errors carry no code. */
const AWAY_MESSAGES =
  /Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect/;

/** Whether an error says that the database cannot be reached at the moment. */
export function isAway(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && AWAY.has(at.code)) return true;
    if (AWAY_MESSAGES.test(at.message)) return true;
  }
  return false;
}

/**
 * What a driver's error means to the caller: what the database refused is "conflict" or "invalid", a
 * database that is away is "unavailable"; anything else is a bug and passes unchanged.
 */
export function translateFailure(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isAway(error))
    return new AppError(
      "unavailable",
      "the database is away; it is being brought back, try again",
      {
        cause: error,
      },
    );
  const cause = databaseError(error);
  if (cause === undefined) return error;
  const { code, constraint, table } = cause;
  switch (code) {
    case "23505":
      return new AppError("conflict", `${noun(table)}: ${columns(constraint)} is taken already`, {
        cause: error,
      });
    case "23503":
      return new AppError("invalid", `${noun(table)}: it refers to something that is not there`, {
        cause: error,
      });
    case "23514":
      return new AppError("invalid", `${noun(table)}: a value is not allowed (${constraint})`, {
        cause: error,
      });
    case "22P02":
      return new AppError("invalid", "an id or number is not written as one", { cause: error });
    case "22021": // a zero byte in a text
      return new AppError("invalid", "a text holds a character that cannot be kept", {
        cause: error,
      });
    case "22P05": // the same in JSON
      return new AppError("invalid", "a text holds a character that cannot be kept", {
        cause: error,
      });
    case "54000":
      return new AppError("invalid", `${noun(table)}: a name or key is too long`, { cause: error });
    case "53100":
      return new AppError("unavailable", "the disk is full; make room and try again", {
        cause: error,
      });
    default:
      return error;
  }
}

type DatabaseError = { code: string; constraint: string; table: string };

/** The driver's error inside whatever wraps it. */
function databaseError(error: unknown): DatabaseError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!("code" in at) || typeof at.code !== "string") continue;
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    return {
      code: at.code,
      constraint: "constraint" in at ? text(at.constraint) : "",
      table: "table" in at ? text(at.table) : "",
    };
  }
  return undefined;
}

function noun(table: string): string {
  return table === "" ? "record" : table.replaceAll("_", " ").replace(/s$/, "");
}

/** `sites_tenant_id_name_key` → "name"; values are not told, the policies hide them from messages. */
function columns(constraint: string): string {
  const found = /_tenant_id_(.+)_key$/.exec(constraint)?.[1];
  return found === undefined ? "it" : found.replaceAll("_", " ");
}
