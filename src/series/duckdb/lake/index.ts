import { mkdir } from "node:fs/promises";
import type {
  LakeSegment,
  LakeStatus,
  SealReport,
  SealRequest,
  SealSchedule,
  TenantFacts,
} from "../../../domain/lake.ts";
import type { Leaving, RetentionRequest } from "../../../domain/retention.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { RemoteFiles } from "../../../lib/s3-files.ts";
import type { DuckdbConnection } from "../connection.ts";
import { type ClosedBefore, closedBefore, type StoreState } from "../state.ts";
import { writeCatalogue } from "./catalogue.ts";
import { changedDefects, markDefects, statusOf, warnOfStrangers } from "./defects.ts";
import { createDiskGuard, type DiskGuardSettings } from "./disk-guard.ts";
import { loadFacts } from "./facts.ts";
import { asWriter, DamagedRead, inSnapshot, type WriterLake } from "./reading.ts";
import { drop, expired } from "./retention.ts";
import { forgetOldFiles, removeUnwanted } from "./sealer.ts";
import { createSealing } from "./sealing.ts";
import type { LakeView } from "./source.ts";
import { loadVersion } from "./tables.ts";
import { createUploading, fetchMissing } from "./upload.ts";
import { createLakeVersions } from "./versions.ts";

export type Lake = {
  /**
   * Runs reads in one transaction over what is in force at its start, told what of `seriesNos` was
   * closed before it. When a file proves damaged it is set aside, and the reads run again without it.
   */
  read<T>(
    connection: DuckdbConnection,
    run: (view: LakeView, closedUs: ClosedBefore) => Promise<T>,
    seriesNos?: readonly number[],
  ): Promise<T>;
  /** The same for a transaction of the writer, which must not be held up by a damaged file. */
  write(connection: DuckdbConnection, run: (lake: WriterLake) => Promise<void>): Promise<void>;
  /** One at a time; who asks meanwhile waits. */
  seal(request: SealRequest): Promise<SealReport>;
  /** Drops what is older than a tenant's classes allow; `preview` only says what would go. */
  retain(request: RetentionRequest): Promise<Leaving[]>;
  preview(connection: DuckdbConnection, request: RetentionRequest): Promise<Leaving[]>;
  /** Takes names and classes of a tenant's series. */
  describe(facts: TenantFacts): Promise<void>;
  isSealing(): boolean;
  status(): LakeStatus;
  stop(): Promise<void>;
};

export type LakeDeps = {
  readonly connect: () => Promise<DuckdbConnection>;
  readonly root: string;
  readonly state: StoreState;
  readonly logger: Logger;
  readonly exclusively: <T>(run: () => Promise<T>) => Promise<T>;
  readonly sliceRows: number;
  readonly clock: Clock;
  readonly schedule: SealSchedule;
  readonly guard: DiskGuardSettings;
  /** S3-compatible storage that keeps a copy of every file. */
  readonly remote: RemoteFiles | undefined;
  /** Free bytes of the lake's disk. */
  readonly freeBytes: () => Promise<number>;
};

const UPLOAD_EVERY_MS = 60_000;

/** Opens the lake: clears up after a crash and looks whether every file is there. */
export async function openLake(deps: LakeDeps): Promise<Lake> {
  const { root, logger } = deps;
  await mkdir(root, { recursive: true, mode: 0o700 });
  // Changes of the lake run on a connection that no sealing occupies.
  const control = await deps.connect();
  const connection = await deps.connect();
  const versions = createLakeVersions(await loadVersion(control));
  const setAside = (defects: ReadonlyMap<LakeSegment, string>) =>
    markDefects({ connection: control, versions, logger }, defects);
  await removeUnwanted({ connection: control, root, logger });
  await setAside(await changedDefects(root, versions.current().segments, false));
  warnOfStrangers(root, versions.current().segments, logger);
  const facts = await loadFacts(control);
  const fetch = (segments: readonly LakeSegment[]) =>
    fetchMissing({ root, remote: deps.remote }, segments);
  const own = { connection, root, versions, logger, exclusively: deps.exclusively };
  const sealing = createSealing({
    ...{ ...own, setAside, fetchMissing: fetch, nowUs: deps.clock.nowUs },
    ...{ state: deps.state, clock: deps.clock },
    ...{ sliceRows: deps.sliceRows, schedule: deps.schedule, classOf: facts.classOf },
  });
  const uploading = createUploading({
    ...{ ...own, clock: deps.clock, remote: deps.remote, alone: sealing.alone },
    everyMs: UPLOAD_EVERY_MS,
  });
  const guard = createDiskGuard({
    ...{ ...own, clock: deps.clock, settings: deps.guard, freeBytes: deps.freeBytes },
    ...{ alone: sealing.alone, afterDrop: () => forgetOldFiles(own, [true]) },
  });
  return {
    async read(own, run, seriesNos = []) {
      const attempt = () =>
        inSnapshot(own, { versions, root, closed: () => closedBefore(deps.state, seriesNos) }, run);
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof DamagedRead)) throw error;
        const fetched = await fetch(error.used);
        const defects = await changedDefects(root, error.used, true);
        if (defects.size + fetched === 0) throw error.cause;
        await deps.exclusively(() => setAside(defects));
        return attempt();
      }
    },
    async write(own, run) {
      try {
        await asWriter(versions, root, own, run);
      } catch (error) {
        if (!(error instanceof DamagedRead)) throw error;
        const fetched = await fetch(error.used);
        const defects = await changedDefects(root, error.used, true);
        if (defects.size + fetched === 0) throw error.cause;
        await setAside(defects);
        await asWriter(versions, root, own, run);
      }
    },
    seal: sealing.seal,
    isSealing: sealing.isRunning,
    retain: (request) =>
      sealing.alone(async () => {
        const items = await expired(own, request, deps.clock.nowUs());
        await drop(own, items, deps.clock.nowUs());
        await forgetOldFiles(own, items);
        return items;
      }),
    preview: (reader, request) =>
      expired({ connection: reader, versions }, request, deps.clock.nowUs()),
    async describe(tenant) {
      await deps.exclusively(() => facts.store(tenant));
      await sealing.alone(() => writeCatalogue(connection, root, tenant.tenantNo));
    },
    status: () => statusOf(versions.current().segments, uploading.failure()),
    async stop() {
      guard.stop();
      uploading.stop();
      await sealing.stop();
      connection.close();
      control.close();
    },
  };
}
