import type { ContourOptions, Mask } from "../mask.js";
import { mapRings, type Ring } from "../polygon.js";

/** Pixels across and down from the picture's corner. */
export type GeoJsonPosition = readonly [x: number, y: number];

export interface GeoJsonPolygon {
  readonly type: "Polygon";
  readonly coordinates: readonly (readonly GeoJsonPosition[])[];
}

export interface GeoJsonMultiPolygon {
  readonly type: "MultiPolygon";
  readonly coordinates: readonly (readonly (readonly GeoJsonPosition[])[])[];
}

export interface GeoJsonFeature {
  readonly type: "Feature";
  readonly geometry: GeoJsonPolygon | GeoJsonMultiPolygon;
  readonly properties: Readonly<Record<string, unknown>> | null;
  readonly id?: string | number;
}

export interface GeoJsonOptions extends ContourOptions {
  /**
   * `down` (default): pixels as everywhere in the SDK, y from the top. `up`: y from the bottom edge, so that a map tool
   * shows the mask upright.
   */
  readonly yAxis?: "down" | "up";
}

export interface GeoJsonFeatureOptions extends GeoJsonOptions {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly id?: string | number;
}

/**
 * The outline as GeoJSON (RFC 7946): a Polygon for one connected piece, else a MultiPolygon, empty for an empty mask.
 * Coordinates are pixels, not degrees: pixel `(x, y)` covers the unit square from `(x, y)` to `(x + 1, y + 1)`. Rings are
 * closed and wound as section 3.1.6 asks, judged by the numbers as written with x to the right and y upwards: outer rings
 * counter-clockwise, holes clockwise. Without options `maskFromGeoJson` gives back the same pixels.
 * @throws MaskeryError `INVALID_INPUT` as `mask.contours`.
 */
export function geoJsonGeometryFromMask(
  mask: Mask,
  options: GeoJsonOptions = {},
): GeoJsonPolygon | GeoJsonMultiPolygon {
  const { yAxis, ...contourOptions } = options;
  const turned =
    yAxis === "up"
      ? // Seen with y upwards, the SDK's rings already run as the RFC asks.
        (ring: Ring): Ring => ring.map(({ x, y }) => ({ x, y: mask.height - y }))
      : (ring: Ring): Ring => [...ring].reverse();
  const polygons = mapRings(mask.contours(contourOptions), turned).map(({ outer, holes }) =>
    [outer, ...holes].map(closedPositions),
  );
  return polygons.length === 1
    ? { type: "Polygon", coordinates: polygons[0]! }
    : { type: "MultiPolygon", coordinates: polygons };
}

/** As `geoJsonGeometryFromMask`, as a Feature with properties. */
export function geoJsonFromMask(mask: Mask, options: GeoJsonFeatureOptions = {}): GeoJsonFeature {
  const { properties, id, ...geometryOptions } = options;
  return {
    type: "Feature",
    ...(id === undefined ? {} : { id }),
    geometry: geoJsonGeometryFromMask(mask, geometryOptions),
    properties: properties ?? null,
  };
}

function closedPositions(ring: Ring): GeoJsonPosition[] {
  return [...ring, ring[0]!].map(({ x, y }) => [x, y]);
}
