import { embedded } from "./native/embedded.ts";

/** Version of this build, from package.json. */
export const VERSION: string = embedded.version;

/** Hash of the sources a binary was made from; "source" when it runs from them. */
export const BUILD: string = embedded.buildId;
