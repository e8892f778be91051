export type { ListenerCounters } from "./counters.ts";
export type { Listener } from "./listener.ts";
export { listenTcp } from "./tcp-listener.ts";
export { listenUdp } from "./udp-listener.ts";
