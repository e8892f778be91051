import { AppError } from "../../domain/error.ts";

/** Where a QuestDB is and how it is spoken to. The password must not be shown. */
export type QuestdbAddress = {
  readonly host: string;
  /** Line protocol goes in here. */
  readonly httpPort: number;
  /** Queries go in here, by PostgreSQL's protocol. */
  readonly pgPort: number;
  readonly user: string;
  readonly password: string;
  /** What the names of all tables begin with. */
  readonly prefix: string;
  /** Whether a server is put up with that answers before its disk holds the data. */
  readonly isRelaxed: boolean;
};

const PARAMETERS = ["pg", "prefix", "durability"];

function refuse(why: string): never {
  throw new AppError(
    "invalid",
    `${why}; write questdb://user:password@host:9000?pg=8812 (also: &prefix=foresight, &durability=relaxed)`,
  );
}

/**
 * Reads `questdb://user:password@host:9000?pg=8812`.
 * @throws AppError("invalid") that says what is wrong without repeating the address.
 */
export function questdbAddressOf(text: string): QuestdbAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse("it is not an address"); // URL's error repeats the address, password included
  }
  if (url.protocol !== "questdb:") refuse("it does not begin with questdb://");
  if (url.hostname === "") refuse("it names no host");
  if (url.pathname !== "" && url.pathname !== "/") refuse("it has a path");
  for (const name of url.searchParams.keys())
    if (!PARAMETERS.includes(name)) refuse(`${name} is no parameter of it`);
  const prefix = url.searchParams.get("prefix") ?? "foresight";
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(prefix))
    refuse("prefix must be a small letter and up to 39 small letters, digits and _");
  const durability = url.searchParams.get("durability") ?? "sync";
  if (durability !== "sync" && durability !== "relaxed")
    refuse("durability must be sync or relaxed");
  return {
    host: url.hostname,
    httpPort: portOf(url.port, 9000),
    pgPort: portOf(url.searchParams.get("pg") ?? "", 8812),
    user: decodeURIComponent(url.username) || "admin",
    password: decodeURIComponent(url.password) || "quest",
    prefix,
    isRelaxed: durability === "relaxed",
  };
}

function portOf(text: string, fallback: number): number {
  if (text === "") return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse("a port is not one");
  return port;
}

/** The address as it may be shown. */
export function shownAddress({ host, httpPort }: QuestdbAddress): string {
  return `QuestDB at ${host}:${httpPort}`;
}
