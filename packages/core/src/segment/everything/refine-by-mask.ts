import type { LogitsPlane } from "../../mask/logits-plane.js";
import { Mask } from "../../mask/mask.js";
import type { DecodedObject } from "../../model/layout.js";
import type { Prompt } from "../../prompt/prompt.js";
import type { Embedding } from "../embedding.js";
import type { Decoder } from "../placement.js";
import { cutRegion } from "./candidate.js";
import { decodePrompts } from "./decode-prompts.js";
import type { GridPoint } from "./options.js";
import { type PixelLattice, pixelLattice } from "./pixel-lattice.js";
import { readRegion } from "./plane-region.js";

/** Keeps of each object's planes only the one that the model rates best; the first of equals. */
export function bestPlaneOnly({ planes, scores }: DecodedObject): DecodedObject {
  let best = 0;
  for (let index = 1; index < scores.length; index++) if (scores[index]! > scores[best]!) best = index;
  return { planes: planes.slice(best, best + 1), scores: scores.slice(best, best + 1) };
}

/**
 * SAM2's `use_m2m`: every plane goes back to the decoder with its point, as an earlier mask; the best plane of the answer
 * takes its place, and its score. SAM2's own predictor answers with its single-mask token, which the known ONNX layouts do
 * not give; their best-rated plane stands for it.
 * Source: facebookresearch/sam2, automatic_mask_generator.py (refine_with_m2m).
 * @param points - In pixels of the encoded picture, one for each object.
 * @param perRun - Objects that one decoder run takes.
 */
export async function refineByMask(
  decoder: Decoder,
  embedding: Embedding,
  points: readonly GridPoint[],
  objects: readonly DecodedObject[],
  perRun: number,
  multimaskOutput: boolean,
  signal: AbortSignal,
): Promise<readonly DecodedObject[]> {
  const chosen = multimaskOutput ? objects : objects.map(bestPlaneOnly);
  const plane = chosen[0]?.planes[0];
  const lattice = plane && pixelLattice(plane, embedding.imageSize);
  const prompts = chosen.flatMap(({ planes }, index) =>
    planes.map((plane): Prompt => {
      const [x, y] = points[index]!;
      return { points: [{ x, y, label: 1 }], mask: maskOfPlane(plane, lattice!, embedding) };
    }),
  );
  const refined: DecodedObject[] = [];
  for (let start = 0; start < prompts.length; start += perRun) {
    const answers = await decodePrompts(decoder, embedding, prompts.slice(start, start + perRun), signal);
    refined.push(...answers.map(bestPlaneOnly));
  }
  let next = 0;
  return chosen.map(({ planes }) => {
    const own = refined.slice(next, next + planes.length);
    next += planes.length;
    return { planes: own.map((answer) => answer.planes[0]!), scores: own.map((answer) => answer.scores[0]!) };
  });
}

function maskOfPlane(plane: LogitsPlane, lattice: PixelLattice, { imageSize }: Embedding): Mask {
  const { width, height } = imageSize;
  const region = readRegion(plane, lattice, 0, new Float32Array((plane.width + 1) * (plane.height + 1)));
  const crop = { index: 0, box: { x0: 0, y0: 0, x1: width, y1: height, layer: 0 } };
  const { runs } = cutRegion({ crop, lattice }, region, 0, imageSize, true);
  return new Mask(width, height, runs!, { logits: plane });
}
