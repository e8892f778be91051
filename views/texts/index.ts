import { en } from "./en.ts";

/** Every text for people has its place in a catalogue of this shape; another language is another file. */
export type Texts = typeof en;

/** The catalogue in use. */
export const t: Texts = en;
