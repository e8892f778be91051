/** Where a server listens. */
export type ListenAddress = { readonly host: string; readonly port: number };

/**
 * Reads `HOST:PORT`, `HOST` (the port is the default one) or `:PORT` (of all addresses); an IPv6 address
 * stands in brackets.
 * @throws Error saying what it must be.
 */
export function readListenAddress(text: string, defaultPort: number): ListenAddress {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*))(?::(\d{1,5}))?$/.exec(text);
  const port = found?.[3] === undefined ? defaultPort : Number(found[3]);
  if (found === null || text === "" || port > 65_535)
    throw new Error("must be HOST:PORT, HOST or :PORT; an IPv6 address stands in brackets");
  return { host: found[1] ?? (found[2] || "0.0.0.0"), port };
}
