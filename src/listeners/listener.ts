import type { ListenerCounters } from "./counters.ts";

/** Takes line protocol from the network beside HTTP. */
export type Listener = {
  readonly name: string;
  /** The port it got. */
  readonly port: number;
  counters(): ListenerCounters;
  /** Takes no more, brings what came whole to the log, and ends. Legal to call twice. */
  stop(): Promise<void>;
};
