import type { Route } from "../http/route.js";
import type { Services } from "../service/services.js";

/** One documented API: its routes, and what it does without being asked. */
export interface ApiModule {
  readonly name: string;
  readonly title: string;
  readonly routes: readonly Route[];
  /** Called once when the API is made; must not throw and must not hold anything up. */
  readonly start?: (services: Services) => void;
  /** Removes what is past its end. Called from time to time. */
  readonly sweep?: (services: Services) => Promise<void>;
}
