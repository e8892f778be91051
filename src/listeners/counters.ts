/** Why the server itself ends a connection. */
export type EndReason =
  | "authentication"
  | "no-source"
  | "line-too-long"
  | "broken-binary-field"
  | "idle"
  | "too-many-connections"
  | "memory"
  | "failure"
  | "stopping";

/** What a listener did since it started; what it holds now stands in `connections` and `heldBytes`. */
export type ListenerCounters = {
  connections: number;
  /** Received and not yet flushed: parts of lines, and lines on their way to the log. */
  heldBytes: number;
  opened: number;
  bytes: number;
  datagrams: number;
  readings: number;
  /** Lines that were skipped; their reasons are in quarantine. */
  rejectedLines: number;
  /** Lines that the connection's end cut off; they are not stored. */
  partialLines: number;
  /** Whole lines that were not stored: the server stopped or failed, or a datagram found no room. */
  droppedLines: number;
  droppedDatagrams: number;
  /** Batches that the engine had no room for; TCP sends them again. */
  refusals: number;
  /** Times that reading from connections was held up. */
  pauses: number;
  readonly ended: Record<EndReason, number>;
};

export function newCounters(): ListenerCounters {
  return {
    ...{ connections: 0, heldBytes: 0, opened: 0, bytes: 0, datagrams: 0, readings: 0 },
    ...{ rejectedLines: 0, partialLines: 0, droppedLines: 0, droppedDatagrams: 0 },
    ...{ refusals: 0, pauses: 0 },
    ended: {
      ...{ authentication: 0, "no-source": 0, "line-too-long": 0, "broken-binary-field": 0 },
      ...{ idle: 0, "too-many-connections": 0, memory: 0, failure: 0, stopping: 0 },
    },
  };
}

/** Newlines in a body, and a last line without one. */
export function linesIn(body: Uint8Array): number {
  let lines = 0;
  for (let p = body.indexOf(10); p >= 0; p = body.indexOf(10, p + 1)) lines++;
  return body.length > 0 && body.at(-1) !== 10 ? lines + 1 : lines;
}
