import { invalidInput } from "../errors.js";
import { type Ring, signedRingArea } from "./polygon.js";
import { RunBuilder } from "./run-builder.js";
import type { Runs } from "./runs.js";

/**
 * What lies inside when rings overlap. `nonzero`: inside any polygon and outside its own holes, overlapping polygons are
 * united. `even-odd`: behind an odd number of rings, whatever their order.
 */
export type FillRule = "nonzero" | "even-odd";

/** A polygon from outside: `holes` may be absent, rings may run either way. Coordinates as in `Vertex`. */
export interface PolygonInput {
  readonly outer: Ring;
  readonly holes?: readonly Ring[];
}

/** Beyond this many pixels coordinates are taken for a mistake. */
const MAX_COORDINATE = 1e7;

/**
 * Fills polygons: a pixel is foreground when its centre `(x + 0.5, y + 0.5)` is inside. A centre exactly on a border counts
 * for the polygon to its right or below, so polygons that share a border share no pixel. What lies beyond the picture is cut.
 * @throws MaskeryError `INVALID_INPUT` naming the member, for fewer than three vertices or coordinates that are no numbers.
 */
export function runsFromPolygons(
  polygons: readonly PolygonInput[],
  width: number,
  height: number,
  rule: FillRule = "nonzero",
): Runs {
  if (rule !== "nonzero" && rule !== "even-odd") throw invalidInput("rule", '"nonzero" or "even-odd"', rule);
  const crossings = new Crossings(width);
  forEachRing(polygons, (ring, isHole) => {
    // Outer rings are turned one way and holes the other, so that a hole always takes away.
    const direction = signedRingArea(ring) > 0 === isHole ? -1 : 1;
    let previous = ring[ring.length - 1]!;
    for (const vertex of ring) {
      crossings.addEdge(previous.x, previous.y, vertex.x, vertex.y, direction);
      previous = vertex;
    }
  });
  const builder = new RunBuilder();
  for (let x = 0; x < width; x++) {
    const rows = crossings.sortedColumn(x);
    let winding = 0;
    for (const { row, direction } of rows) {
      const before = isInside(winding, rule);
      winding += direction;
      if (isInside(winding, rule) !== before)
        builder.toggle(x * height + Math.min(height, Math.max(0, Math.ceil(row - 0.5))));
    }
  }
  return builder.finish(width * height);
}

function isInside(winding: number, rule: FillRule): boolean {
  return rule === "nonzero" ? winding !== 0 : (winding & 1) !== 0;
}

function forEachRing(polygons: readonly PolygonInput[], visit: (ring: Ring, isHole: boolean) => void): void {
  if (!Array.isArray(polygons)) throw invalidInput("polygons", "a list of { outer, holes }", polygons);
  polygons.forEach((polygon: PolygonInput | null | undefined, index) => {
    visit(checkRing(polygon?.outer, `polygons[${index}].outer`), false);
    const holes = polygon?.holes ?? [];
    if (!Array.isArray(holes)) throw invalidInput(`polygons[${index}].holes`, "a list of rings", holes);
    for (let hole = 0; hole < holes.length; hole++)
      visit(checkRing(holes[hole], `polygons[${index}].holes[${hole}]`), true);
  });
}

function checkRing(ring: Ring | undefined, field: string): Ring {
  if (!Array.isArray(ring)) throw invalidInput(field, "a list of { x, y }", ring);
  if (ring.length < 3) throw invalidInput(field, "at least 3 vertices", ring.length);
  for (let index = 0; index < ring.length; index++) {
    for (const axis of ["x", "y"] as const) {
      const value: unknown = ring[index]?.[axis];
      if (typeof value !== "number" || !(Math.abs(value) <= MAX_COORDINATE)) {
        throw invalidInput(`${field}[${index}].${axis}`, "a number of pixels", value);
      }
    }
  }
  return ring as Ring;
}

interface Crossing {
  readonly row: number;
  readonly direction: number;
}

/** Where edges cross the middle lines of the picture's columns. */
class Crossings {
  readonly #columns: (Crossing[] | undefined)[];

  constructor(width: number) {
    this.#columns = new Array(width);
  }

  addEdge(x0: number, y0: number, x1: number, y1: number, direction: number): void {
    if (x0 === x1) return;
    const rightwards = x0 < x1;
    const left = rightwards ? x0 : x1;
    const right = rightwards ? x1 : x0;
    // Always from left to right, so that two polygons that share an edge compute the same rows.
    const leftRow = rightwards ? y0 : y1;
    const slope = ((rightwards ? y1 : y0) - leftRow) / (right - left);
    const first = Math.max(0, Math.ceil(left - 0.5));
    const last = Math.min(this.#columns.length, Math.ceil(right - 0.5));
    for (let x = first; x < last; x++) {
      const crossing = {
        row: leftRow + (x + 0.5 - left) * slope,
        direction: rightwards ? direction : -direction,
      };
      const column = this.#columns[x];
      if (column) column.push(crossing);
      else this.#columns[x] = [crossing];
    }
  }

  sortedColumn(x: number): readonly Crossing[] {
    return this.#columns[x]?.sort((first, second) => first.row - second.row) ?? [];
  }
}
