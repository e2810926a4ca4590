import { squaredDistances } from "../distance-transform.js";
import { type Runs, runsBoundingBox } from "../runs.js";
import { runsFromWindow, windowAround, windowBitmap } from "../window.js";

// Discs are exact: a pixel belongs to the disc of radius r when its centre lies within r of the disc's centre.

/** Adds every pixel of the picture within `radius` pixels of the mask, centre to centre. */
export function dilateByDisc(runs: Runs, width: number, height: number, radius: number): Runs {
  if (radius < 1 || runs.length === 1) return runs;
  const window = windowAround(runsBoundingBox(runs, height), Math.floor(radius), width, height);
  const distances = squaredDistances(
    windowBitmap(runs, width, height, window),
    window.width,
    window.height,
    1,
  );
  const reach = radius * radius;
  const result = new Uint8Array(distances.length);
  for (let pixel = 0; pixel < result.length; pixel++) result[pixel] = distances[pixel]! <= reach ? 1 : 0;
  return runsFromWindow(result, window, width, height);
}

/** Removes every pixel within `radius` pixels of the background. The picture's own edge takes nothing away. */
export function erodeByDisc(runs: Runs, width: number, height: number, radius: number): Runs {
  if (radius < 1 || runs.length === 1) return runs;
  const window = windowAround(runsBoundingBox(runs, height), 1, width, height);
  const distances = squaredDistances(
    windowBitmap(runs, width, height, window),
    window.width,
    window.height,
    0,
  );
  const reach = radius * radius;
  const result = new Uint8Array(distances.length);
  for (let pixel = 0; pixel < result.length; pixel++) result[pixel] = distances[pixel]! > reach ? 1 : 0;
  return runsFromWindow(result, window, width, height);
}

/** Removes what no disc fits into: hairs, bridges, corners. */
export function openByDisc(runs: Runs, width: number, height: number, radius: number): Runs {
  return dilateByDisc(erodeByDisc(runs, width, height, radius), width, height, radius);
}

/** Fills what no disc of background fits into: cracks, gaps, bays. */
export function closeByDisc(runs: Runs, width: number, height: number, radius: number): Runs {
  return erodeByDisc(dilateByDisc(runs, width, height, radius), width, height, radius);
}
