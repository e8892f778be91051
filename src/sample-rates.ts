import type { WriteRequest } from "./domain/engine.ts";
import type { SourceStore } from "./domain/source.ts";

/** The sample rates that sources are set to, at hand for every request. */
export type SampleRates = {
  /** The store, which makes a change known before it answers. */
  readonly sources: SourceStore;
  /** The request with its source's rate, where one is set. */
  rated(request: WriteRequest): WriteRequest;
};

/**
 * Reads the sample rates of all sources and follows changes made through its store.
 * @throws AppError "unavailable" when the database does not answer.
 */
export async function createSampleRates(sources: SourceStore): Promise<SampleRates> {
  const rates = new Map(await sources.sampleRates());
  return {
    sources: {
      ...sources,
      async update(who, id, patch, change) {
        const source = await sources.update(who, id, patch, change);
        if (source.sampleRateHz === undefined) rates.delete(source.no);
        else rates.set(source.no, source.sampleRateHz);
        return source;
      },
    },
    rated(request) {
      const sampleRateHz = rates.get(request.sourceNo);
      return sampleRateHz === undefined ? request : { ...request, sampleRateHz };
    },
  };
}
