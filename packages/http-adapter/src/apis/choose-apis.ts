import { invalidInput } from "@maskery/core";
import type { ApiModule } from "./api-module.js";
import { type ClinicalOptions, clinicalApi } from "./clinical/clinical-api.js";
import { type DemoOptions, demoApi } from "./demo/demo-api.js";
import { type PainterOptions, painterApi } from "./painter/painter-api.js";
import { type PlacementOptions, placementApi } from "./placement/placement-api.js";

/** How one API is mounted. */
export interface ApiPlace {
  /** Path put before the documented ones, for example `/painter`. Default none. */
  readonly prefix?: string;
}

export interface ChosenApis {
  /** Which documented APIs to answer. Default: all, at their documented paths. `false` leaves one out. */
  readonly apis?: {
    readonly demo?: false | (ApiPlace & DemoOptions);
    readonly painter?: false | (ApiPlace & PainterOptions);
    readonly clinical?: false | (ApiPlace & ClinicalOptions);
  };
  /**
   * Serves the segmenter's model to other machines: `GET /placement/health`, `POST /placement/encode`, `POST /placement/decode`,
   * for their `remote: { encoder: "https://this.example/placement" }`. It asks nobody who they are. Default false.
   */
  readonly placement?: boolean | (ApiPlace & PlacementOptions);
}

/** @throws MaskeryError `INVALID_INPUT` for a prefix that is no path. */
export function chooseApis({
  apis = {},
  placement = false,
}: ChosenApis): { api: ApiModule; prefix: string }[] {
  const chosen: { api: ApiModule; prefix: string }[] = [];
  const add = (
    name: string,
    place: false | (ApiPlace & object) | undefined,
    make: (place: object) => ApiModule,
  ) => {
    if (place === false) return;
    const prefix = place?.prefix ?? "";
    if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(prefix))
      throw invalidInput(`${name}.prefix`, `a path such as "/${name.split(".").at(-1)}"`, prefix);
    chosen.push({ api: make(place ?? {}), prefix });
  };
  add("apis.demo", apis.demo, demoApi);
  add("apis.painter", apis.painter, painterApi);
  add("apis.clinical", apis.clinical, clinicalApi);
  add("placement", placement === true ? {} : placement, placementApi);
  return chosen;
}
