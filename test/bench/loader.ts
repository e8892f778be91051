// Sends line protocol over raw connections and reports what was acknowledged. Started by ingest.ts as a
// process of its own. The whole load lies in memory before the clock starts.

/** What a run sends, as JSON on standard input. */
export type Load = {
  readonly port: number;
  readonly token: string;
  readonly assets: number;
  readonly sensors: readonly string[];
  readonly linesPerBatch: number;
  readonly batches: number;
  readonly connections: number;
  /** Event time of the first round; each round of all series is a second later. */
  readonly startS: number;
};

/** What came of it. */
export type LoadResult = {
  readonly lines: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  readonly refused: number;
};

/** Requests ready to be written: head and body of each batch. */
export function requestsOf(load: Load): Uint8Array<ArrayBuffer>[] {
  const encoder = new TextEncoder();
  const heads: string[] = [];
  for (let asset = 0; asset < load.assets; asset++)
    for (const sensor of load.sensors)
      heads.push(`readings,asset=A${String(asset).padStart(4, "0")},sensor=${sensor} value=`);
  const requests: Uint8Array<ArrayBuffer>[] = [];
  let next = 0;
  for (let batch = 0; batch < load.batches; batch++) {
    let body = "";
    for (let i = 0; i < load.linesPerBatch; i++, next++) {
      const round = Math.floor(next / heads.length);
      const value = (20 + ((next * 7919) % 1000) / 100).toFixed(2);
      body += `${heads[next % heads.length]}${value} ${load.startS + round}000000000\n`;
    }
    const bytes = encoder.encode(body);
    const head = encoder.encode(
      "POST /api/v2/write?bucket=bench&precision=ns HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
        `Authorization: Token ${load.token}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    );
    const request = new Uint8Array(head.length + bytes.length);
    request.set(head);
    request.set(bytes, head.length);
    requests.push(request);
  }
  return requests;
}

/** Takes the next request of a common queue until it is empty, so that no connection falls behind. */
async function sendOver(
  port: number,
  take: () => Uint8Array<ArrayBuffer> | undefined,
): Promise<[number[], number]> {
  const latencies: number[] = [];
  let refused = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let again: Uint8Array<ArrayBuffer> | undefined;
  let current: Uint8Array<ArrayBuffer> | undefined;
  let sentAt = 0;
  let rest = new Uint8Array(0);
  const push = (socket: { write(data: Uint8Array): number }) => {
    while (rest.length > 0) {
      const taken = socket.write(rest);
      if (taken <= 0) return;
      rest = rest.subarray(taken);
    }
  };
  const next = (socket: { write(data: Uint8Array): number; end(): unknown }) => {
    const request = again ?? take();
    again = undefined;
    current = request;
    if (request === undefined) {
      socket.end();
      return resolve();
    }
    sentAt = performance.now();
    rest = new Uint8Array(request.buffer, request.byteOffset, request.length);
    push(socket);
  };
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: next,
      drain: push,
      data(socket, data) {
        const status = new TextDecoder().decode(data.subarray(9, 12));
        latencies.push(performance.now() - sentAt);
        if (status === "503") {
          refused++;
          again = current;
        } else if (status !== "204")
          return reject(new Error(`answered ${new TextDecoder().decode(data)}`));
        next(socket);
      },
      close: () => {
        if (current !== undefined) reject(new Error("the connection was closed"));
      },
      error: (_socket, error) => reject(error),
    },
  });
  await promise;
  return [latencies, refused];
}

if (import.meta.main) {
  const load = JSON.parse(await Bun.stdin.text()) as Load; // written by ingest.ts
  const requests = requestsOf(load);
  const startedAt = performance.now();
  let at = 0;
  const results = await Promise.all(
    Array.from({ length: load.connections }, () => sendOver(load.port, () => requests[at++])),
  );
  const result: LoadResult = {
    lines: load.batches * load.linesPerBatch,
    seconds: (performance.now() - startedAt) / 1000,
    latenciesMs: results.flatMap(([latencies]) => latencies),
    refused: results.reduce((sum, [, refused]) => sum + refused, 0),
  };
  process.stdout.write(JSON.stringify(result));
}
