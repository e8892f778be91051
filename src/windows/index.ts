export { loadWindows, saveWindows, type WindowMemory } from "./memory.ts";
export {
  DEFAULT_WINDOW_SETTINGS,
  type ReadingListener,
  WindowFold,
  type WindowSettings,
} from "./window-fold.ts";
