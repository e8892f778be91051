import type { InputPlugin } from "../src/plugin-sdk/index.ts";
import { files } from "./files/index.ts";

/** Every connector in this build. A new one is a folder here and a line in this list. */
export const plugins: readonly InputPlugin[] = [files];
