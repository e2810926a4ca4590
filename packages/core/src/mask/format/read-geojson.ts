import { invalidInput } from "../../errors.js";
import { Mask, type MaskDetails } from "../mask.js";
import type { Ring } from "../polygon.js";
import type { PolygonInput } from "../rasterize-polygons.js";

export interface ReadGeoJsonOptions extends MaskDetails {
  /** How the numbers count: `down` (default) from the top, `up` from the bottom edge. */
  readonly yAxis?: "down" | "up";
}

/** Deeper nesting of collections is taken for an attack. */
const MAX_DEPTH = 8;

/**
 * Fills the polygons of a GeoJSON Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection (an object, not
 * text); several are united. Coordinates are pixels as in `geoJsonGeometryFromMask`; ring orientation does not matter, the
 * first ring of a polygon is the outer one.
 * @param width - Pixels across the mask; `height` likewise down.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault, for example `geojson.coordinates[0][3]`.
 */
export function maskFromGeoJson(
  geojson: unknown,
  width: number,
  height: number,
  options: ReadGeoJsonOptions = {},
): Mask {
  const { yAxis, ...details } = options;
  const polygons: PolygonInput[] = [];
  collect(geojson, "geojson", polygons, 0);
  const turn = (ring: Ring): Ring => (yAxis === "up" ? ring.map(({ x, y }) => ({ x, y: height - y })) : ring);
  return Mask.fromPolygons(
    polygons.map(({ outer, holes = [] }) => ({ outer: turn(outer), holes: holes.map(turn) })),
    width,
    height,
    details,
  );
}

function collect(value: unknown, field: string, polygons: PolygonInput[], depth: number): void {
  const { type, coordinates, geometry, geometries, features } = memberOf(value, field);
  if (depth > MAX_DEPTH)
    throw invalidInput(field, `at most ${MAX_DEPTH} collections inside each other`, value);
  switch (type) {
    case "Polygon":
      polygons.push(readPolygon(coordinates, `${field}.coordinates`));
      return;
    case "MultiPolygon":
      listOf(coordinates, `${field}.coordinates`).forEach((polygon, index) => {
        polygons.push(readPolygon(polygon, `${field}.coordinates[${index}]`));
      });
      return;
    case "Feature":
      // A Feature may have no geometry at all.
      if (geometry !== null) collect(geometry, `${field}.geometry`, polygons, depth + 1);
      return;
    case "GeometryCollection":
      listOf(geometries, `${field}.geometries`).forEach((part, index) => {
        collect(part, `${field}.geometries[${index}]`, polygons, depth + 1);
      });
      return;
    case "FeatureCollection":
      listOf(features, `${field}.features`).forEach((part, index) => {
        collect(part, `${field}.features[${index}]`, polygons, depth + 1);
      });
      return;
    default:
      throw invalidInput(
        `${field}.type`,
        "Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection",
        type,
      );
  }
}

interface GeoJsonMembers {
  readonly type?: unknown;
  readonly coordinates?: unknown;
  readonly geometry?: unknown;
  readonly geometries?: unknown;
  readonly features?: unknown;
}

function memberOf(value: unknown, field: string): GeoJsonMembers {
  if (typeof value !== "object" || value === null) throw invalidInput(field, "a GeoJSON object", value);
  return value;
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidInput(field, "a list", value);
  return value;
}

function readPolygon(value: unknown, field: string): PolygonInput {
  const rings = listOf(value, field).map((ring, index) => readRing(ring, `${field}[${index}]`));
  const [outer, ...holes] = rings;
  if (!outer) throw invalidInput(field, "at least one ring", "none");
  return { outer, holes };
}

function readRing(value: unknown, field: string): Ring {
  const ring = listOf(value, field).map((position, index) => {
    const [x, y] = listOf(position, `${field}[${index}]`);
    if (typeof x !== "number" || typeof y !== "number" || !Number.isFinite(x) || !Number.isFinite(y)) {
      throw invalidInput(`${field}[${index}]`, "[x, y] in pixels", position);
    }
    return { x, y };
  });
  const first = ring[0];
  const last = ring[ring.length - 1];
  if (ring.length < 4 || first!.x !== last!.x || first!.y !== last!.y) {
    throw invalidInput(field, "a closed ring: at least four positions, the last equal to the first", value);
  }
  return ring.slice(0, -1);
}
