import { AppError } from "./domain/error.ts";

/** The listening web server. What answers can be exchanged while it runs. */
export type WebServer = {
  readonly port: number;
  readonly url: string;
  /** Address at which this machine reaches it, as in a URL. */
  readonly ownHost: string;
  /** From now on requests go here. */
  use(handle: (request: Request) => Promise<Response>): void;
  /** Address a request came from. */
  from(request: Request): string;
  /** Ends open connections and frees the port. */
  stop(): Promise<void>;
};

/** Seconds a connection may be silent; pages that live send more often. */
const IDLE_S = 120;

/**
 * Listens on `host:port` (0: any free port).
 * @throws AppError "unavailable" when the port is taken or may not be used.
 */
export function startServer(options: {
  readonly host: string;
  readonly port: number;
  /** Larger than every route's own limit, so that a refusal is ours and in the client's dialect. */
  readonly maxRequestBytes: number;
  /** Whether the answer to a request may take longer than a connection may be silent. */
  readonly mayTakeLong: (request: Request) => boolean;
  /** Seconds a connection may be silent. */
  readonly idleS?: number;
  readonly handle: (request: Request) => Promise<Response>;
}): WebServer {
  let { handle } = options;
  const addresses = new WeakMap<Request, string>();
  const server = listen(options.host, options.port, () =>
    Bun.serve({
      hostname: options.host,
      port: options.port,
      idleTimeout: options.idleS ?? IDLE_S,
      maxRequestBodySize: options.maxRequestBytes,
      fetch(request, bun) {
        const address = bun.requestIP(request)?.address;
        if (address !== undefined) addresses.set(request, address);
        if (options.mayTakeLong(request)) bun.timeout(request, 0);
        return handle(request);
      },
    }),
  );
  const port = server.port ?? options.port;
  const isEverywhere = options.host === "0.0.0.0" || options.host === "::";
  const inUrl = (host: string) => (host.includes(":") ? `[${host}]` : host);
  return {
    port,
    url: `http://${isEverywhere ? "localhost" : inUrl(options.host)}:${port}`,
    ownHost: isEverywhere ? "127.0.0.1" : inUrl(options.host),
    use(next) {
      handle = next;
    },
    from: (request) => addresses.get(request) ?? "",
    stop: () => server.stop(true),
  };
}

type Listening = { readonly port: number | undefined; stop(closeAll: boolean): Promise<void> };

function listen(host: string, port: number, serve: () => Listening): Listening {
  try {
    return serve();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE")
      throw new AppError("unavailable", `port ${port} is taken; choose another with --port`, {
        cause,
      });
    if (code === "EACCES" || code === "EADDRNOTAVAIL")
      throw new AppError(
        "unavailable",
        `${host}:${port} may not be used here; choose another with --port`,
        {
          cause,
        },
      );
    throw cause;
  }
}
