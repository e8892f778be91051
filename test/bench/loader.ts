// Sends line protocol over raw connections and reports what was acknowledged. Started by a bench as a
// process of its own. The whole load lies in memory before the clock starts.
import { batchesOf, type Load } from "./lines.ts";

/** What a run sends and where to, as JSON on standard input. */
export type Send = {
  readonly port: number;
  /** Path and query of the write endpoint. */
  readonly path: string;
  /** Header lines besides length and host, such as an Authorization. */
  readonly headers: readonly string[];
  readonly connections: number;
  /** Requests are due at this rate, and latency counts from then; as fast as answered when left out. */
  readonly linesPerS?: number;
  readonly load: Load;
};

/** The line that the loader writes when the load is made and the clock starts. */
export const READY = "ready";

/** What came of it. */
export type Sent = {
  /** Lines acknowledged, repeated ones counted. */
  readonly lines: number;
  readonly requests: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  /** Answers 503; each was sent again. */
  readonly refused: number;
};

type Request = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** When it is to be sent, from the start; at once when left out. */
  readonly dueAtMs: number | undefined;
};
type Socket = { write(data: Uint8Array): number; end(): unknown };

function requestsOf(send: Send): { requests: Request[]; lines: number } {
  const encoder = new TextEncoder();
  let lines = 0;
  const requests = batchesOf(send.load).map((batch) => {
    const head = encoder.encode(
      [
        `POST ${send.path} HTTP/1.1`,
        "Host: 127.0.0.1",
        ...send.headers,
        `Content-Length: ${batch.body.length}`,
        "\r\n",
      ].join("\r\n"),
    );
    const bytes = new Uint8Array(head.length + batch.body.length);
    bytes.set(head);
    bytes.set(batch.body, head.length);
    const dueAtMs = send.linesPerS === undefined ? undefined : (lines / send.linesPerS) * 1000;
    lines += batch.lines;
    return { bytes, dueAtMs };
  });
  return { requests, lines };
}

/** Sockets that are opened at once: more would overflow what the server's system lets wait. */
const OPENED_AT_ONCE = 200;

type Connection = {
  /** Takes the next request of a common queue until it is empty, so that no connection falls behind. */
  run(startedAt: number, take: () => Request | undefined): Promise<void>;
  readonly latenciesMs: readonly number[];
  refused(): number;
};

async function connect(port: number): Promise<Connection> {
  const latenciesMs: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let [refused, startedAt, sinceMs] = [0, 0, 0];
  let take: () => Request | undefined = () => undefined;
  let current: Request | undefined;
  let rest = new Uint8Array(0);
  const push = (socket: Socket) => {
    while (rest.length > 0) {
      const taken = socket.write(rest);
      if (taken <= 0) return;
      rest = rest.subarray(taken);
    }
  };
  const write = (socket: Socket, request: Request) => {
    rest = request.bytes.subarray();
    push(socket);
  };
  const next = (socket: Socket) => {
    current = take();
    const request = current;
    if (request === undefined) {
      socket.end();
      return resolve();
    }
    const now = performance.now() - startedAt;
    sinceMs = request.dueAtMs ?? now;
    if (sinceMs > now) setTimeout(() => write(socket, request), sinceMs - now);
    else write(socket, request);
  };
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      drain: push,
      data(open, data) {
        const status = new TextDecoder().decode(data.subarray(9, 12));
        if (status === "503" && current !== undefined) {
          refused++;
          return write(open, current);
        }
        if (status !== "204" && status !== "200")
          return reject(new Error(`answered ${new TextDecoder().decode(data)}`));
        latenciesMs.push(performance.now() - startedAt - sinceMs);
        next(open);
      },
      close: () => {
        if (current !== undefined) reject(new Error("the connection was closed"));
      },
      error: (_socket, error) => reject(error),
    },
  });
  return {
    run(from, takeNext) {
      startedAt = from;
      take = takeNext;
      next(socket);
      return promise;
    },
    latenciesMs,
    refused: () => refused,
  };
}

if (import.meta.main) {
  const send = JSON.parse(await Bun.stdin.text()) as Send; // written by a bench
  const { requests, lines } = requestsOf(send);
  const connections: Connection[] = [];
  while (connections.length < send.connections) {
    const count = Math.min(OPENED_AT_ONCE, send.connections - connections.length);
    connections.push(
      ...(await Promise.all(Array.from({ length: count }, () => connect(send.port)))),
    );
  }
  process.stdout.write(`${READY}\n`);
  const startedAt = performance.now();
  let at = 0;
  await Promise.all(connections.map((one) => one.run(startedAt, () => requests[at++])));
  const result: Sent = {
    lines,
    requests: requests.length,
    seconds: (performance.now() - startedAt) / 1000,
    latenciesMs: connections.flatMap((one) => one.latenciesMs),
    refused: connections.reduce((sum, one) => sum + one.refused(), 0),
  };
  process.stdout.write(JSON.stringify(result));
}
