import { invalidInput } from "../errors.js";
import { mapRings, type Polygon, type Ring, type Vertex } from "./polygon.js";

/** Each iteration doubles the vertices. */
const MAX_ITERATIONS = 8;

/**
 * Rounds the corners of one ring: each iteration replaces every corner by two points, a quarter of the way along its two
 * edges (Chaikin's corner cutting, towards a quadratic B-spline). Stays within the hull of each corner and its neighbours.
 * On outlines along pixel edges simplify first, or the steps remain as small waves.
 * Source of the method: Chaikin, Computer Graphics and Image Processing 3 (1974).
 * @param options.iterations - 0 to 8, default 2.
 * @throws MaskeryError `INVALID_INPUT` for another number.
 */
export function smoothRing(ring: Ring, options: { readonly iterations?: number } = {}): Ring {
  const iterations = options.iterations ?? 2;
  if (!Number.isInteger(iterations) || iterations < 0 || iterations > MAX_ITERATIONS) {
    throw invalidInput("iterations", `a whole number from 0 to ${MAX_ITERATIONS}`, iterations);
  }
  let current = ring;
  for (let iteration = 0; iteration < iterations; iteration++) current = cutCorners(current);
  return current;
}

/** `smoothRing` on every ring. */
export function smoothPolygons(
  polygons: readonly Polygon[],
  options: { readonly iterations?: number } = {},
): Polygon[] {
  return mapRings(polygons, (ring) => smoothRing(ring, options));
}

function cutCorners(ring: Ring): Ring {
  const result: Vertex[] = [];
  ring.forEach((vertex, index) => {
    const next = ring[(index + 1) % ring.length]!;
    result.push(
      { x: 0.75 * vertex.x + 0.25 * next.x, y: 0.75 * vertex.y + 0.25 * next.y },
      { x: 0.25 * vertex.x + 0.75 * next.x, y: 0.25 * vertex.y + 0.75 * next.y },
    );
  });
  return result;
}
