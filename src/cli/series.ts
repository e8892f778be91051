import { AppError } from "../domain/error.ts";
import { type Command, textOf } from "./command.ts";
import { DATA, folderOf, JSON_SWITCH } from "./operate.ts";

export type CopySeries = (request: {
  readonly folder: string;
  readonly from: string;
  readonly to: string;
  readonly onProgress: (seriesNo: number, readings: number) => void;
}) => Promise<{ readonly readings: number; readonly series: number }>;

const PLACE = "embedded, questdb (the server that FORESIGHT_SERIES_URL names), or its address.";

/** `foresight series copy`: readings from one store to another. */
export function seriesCommand(copy: CopySeries): Command {
  return {
    name: "series",
    sentence:
      "series copy: copies readings and waveforms from one store to another; the server must be stopped.",
    rest: "copy",
    options: {
      data: DATA,
      from: { value: "STORE", sentence: PLACE, required: true },
      to: { value: "STORE", sentence: PLACE, required: true },
      json: JSON_SWITCH,
    },
    run: async (args, terminal) => {
      if (args.rest.length !== 1 || args.rest[0] !== "copy")
        throw new AppError("invalid", "series takes one word: copy");
      const done = await copy({
        folder: folderOf(args, terminal),
        from: textOf(args, "from"),
        to: textOf(args, "to"),
        onProgress: (seriesNo, readings) =>
          terminal.say(`up to series ${seriesNo}: ${readings} readings`),
      });
      terminal.out(
        args.values.json
          ? JSON.stringify(done)
          : `copied ${done.readings} readings of ${done.series} series; start the server on the new store`,
      );
      return 0;
    },
  };
}
