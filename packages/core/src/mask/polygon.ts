/**
 * A corner of a contour in edge coordinates: pixel `(x, y)` covers `[x, x + 1] × [y, y + 1]`, its centre lies at
 * `(x + 0.5, y + 0.5)`. These are the coordinates of SVG, canvas and COCO polygons; prompts name pixel centres instead.
 */
export interface Vertex {
  readonly x: number;
  readonly y: number;
}

/** A closed line; the last vertex is joined to the first and is not repeated. */
export type Ring = readonly Vertex[];

/**
 * One connected piece. As seen on screen (y down) the outer ring runs counter-clockwise and the holes clockwise, so that
 * walking along either keeps the foreground on the left hand.
 */
export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/** Area in square pixels with a sign: positive for counter-clockwise as seen on screen. Shoelace formula, y down. */
export function signedRingArea(ring: Ring): number {
  let doubled = 0;
  let previous = ring[ring.length - 1];
  for (const vertex of ring) {
    doubled += vertex.x * previous!.y - previous!.x * vertex.y;
    previous = vertex;
  }
  return doubled / 2;
}

/** Applies a change to every ring of every polygon, structure kept. */
export function mapRings(polygons: readonly Polygon[], change: (ring: Ring) => Ring): Polygon[] {
  return polygons.map(({ outer, holes }) => ({ outer: change(outer), holes: holes.map(change) }));
}
