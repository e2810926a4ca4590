export { type RunningServer, type ServeOptions, serve } from "./serve.js";
export {
  readServeSettings,
  type ServeArguments,
  type ServeSettings,
} from "./serve-settings.js";
