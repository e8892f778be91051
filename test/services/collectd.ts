import { existsSync } from "node:fs";
import { type Found, need } from "./needs.ts";

export const COLLECTD = "/usr/sbin/collectd";
const PLUGIN = "/usr/lib/collectd/write_influxdb_udp.so";

/** collectd with its plugin that sends line protocol over UDP: Debian's `collectd-core`. */
export const collectd: Found<true> = need(
  existsSync(COLLECTD) && existsSync(PLUGIN),
  "no collectd with write_influxdb_udp; Debian's collectd-core has it",
);
