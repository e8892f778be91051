import { expect, test } from "bun:test";
import type { SeriesInfo, SeriesInfoRequest } from "./domain/reading-store.ts";
import { createSeriesCatalogue } from "./series-catalogue.ts";

const info = (seriesNo: number, tenantNo: number): SeriesInfo => ({
  ...{ seriesNo, tenantNo, kind: "numeric", measurement: "m", tags: [], field: "value" },
  ...{ sourceNo: 1, deviceKey: "m", firstAtUs: 1, zone: "UTC" },
});

/** A store of series in memory that writes down what it was asked. */
function stored(...series: SeriesInfo[]) {
  const asked: SeriesInfoRequest[] = [];
  return {
    series,
    asked,
    seriesInfo(request: SeriesInfoRequest) {
      asked.push(request);
      return Promise.resolve(
        series.filter(
          (one) => one.tenantNo === request.tenantNo && one.seriesNo > (request.afterSeriesNo ?? 0),
        ),
      );
    },
  };
}

test("a tenant is shown its own series, and new ones when they come", async () => {
  const store = stored(info(1, 1), info(2, 2));
  const catalogue = createSeriesCatalogue(store);
  expect([...(await catalogue.all(1)).keys()]).toEqual([1]);
  store.series.push(info(3, 1));
  expect([...(await catalogue.all(1, { atLeastSequence: 7 })).keys()]).toEqual([1, 3]);
  expect(store.asked[1]).toMatchObject({ afterSeriesNo: 1, atLeastSequence: 7 });
  await expect(catalogue.own(1, [1, 2])).rejects.toMatchObject({ code: "not-found" });
});

test("known series are found without asking", async () => {
  const store = stored(info(1, 1), info(2, 1));
  const catalogue = createSeriesCatalogue(store);
  await catalogue.own(1, [2, 1]);
  const asked = store.asked.length;
  expect((await catalogue.own(1, [2, 1])).map(({ seriesNo }) => seriesNo)).toEqual([2, 1]);
  expect(store.asked.length).toBe(asked);
});

test("beyond its bound it forgets who was not asked for longest, and answers all the same", async () => {
  const store = stored(info(1, 1), info(2, 2), info(3, 2), info(4, 3));
  const catalogue = createSeriesCatalogue(store, 2);
  for (const tenantNo of [1, 2, 3]) await catalogue.all(tenantNo);
  expect([...(await catalogue.all(2)).keys()]).toEqual([2, 3]);
  expect(store.asked.at(-1)?.afterSeriesNo).toBe(0);
});
