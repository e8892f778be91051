/** Watermarks and arrivals by device key; the index of a key follows from the order of the dictionary. */
export class Devices {
  count = 0;
  /** Newest event time of the device, minus nothing. */
  newestUs = new Float64Array(64);
  /** When something of it last arrived. */
  arrivedAtUs = new Float64Array(64);
  /** No open bucket of it ends before this. */
  nextCloseUs = new Float64Array(64);
  tenantNo = new Uint32Array(64);
  /** The series of a device, as a list: the newest, then each one's next; 0 ends it. */
  headSeries = new Uint32Array(64);
  nextSeries = new Uint32Array(1024);
  private readonly indices = new Map<string, number>();

  /** The device of a series, made at its first series. */
  add(tenantNo: number, deviceKey: string, seriesNo: number): number {
    const key = `${tenantNo}\0${deviceKey}`;
    let device = this.indices.get(key);
    if (device === undefined) {
      device = this.count++;
      this.indices.set(key, device);
      if (device === this.newestUs.length) this.widen();
      this.tenantNo[device] = tenantNo;
      this.newestUs[device] = Number.NEGATIVE_INFINITY;
      this.arrivedAtUs[device] = Number.NEGATIVE_INFINITY;
      this.nextCloseUs[device] = Number.POSITIVE_INFINITY;
      this.headSeries[device] = 0;
    }
    if (seriesNo >= this.nextSeries.length) {
      const wider = new Uint32Array(Math.max(seriesNo + 1, this.nextSeries.length * 2));
      wider.set(this.nextSeries);
      this.nextSeries = wider;
    }
    this.nextSeries[seriesNo] = this.headSeries[device] ?? 0;
    this.headSeries[device] = seriesNo;
    return device;
  }

  private widen(): void {
    const size = this.newestUs.length * 2;
    const doubles = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const wider = new Float64Array(size);
      wider.set(column);
      return wider;
    };
    this.newestUs = doubles(this.newestUs);
    this.arrivedAtUs = doubles(this.arrivedAtUs);
    this.nextCloseUs = doubles(this.nextCloseUs);
    const tenants = new Uint32Array(size);
    tenants.set(this.tenantNo);
    this.tenantNo = tenants;
    const heads = new Uint32Array(size);
    heads.set(this.headSeries);
    this.headSeries = heads;
  }
}
