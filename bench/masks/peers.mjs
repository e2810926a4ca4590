/** The peers are installed in this folder only (`npm install` here); by variable, so that a type check needs none of them. */
const opencvName = "@techstark/opencv-js";
const transformersName = "@huggingface/transformers";

/** @returns {Promise<any>} opencv.js in an object of its own: the module itself is thenable and must never be awaited. */
export async function loadOpenCv() {
  const module = await import(opencvName);
  const cv = module.default;
  await new Promise((resolve) => {
    if (cv.Mat) resolve(undefined);
    else cv.onRuntimeInitialized = () => resolve(undefined);
  });
  return { cv };
}

/** @returns {Promise<any>} transformers.js; nothing is downloaded, only its post-processing is called. */
export async function loadTransformers() {
  const transformers = await import(transformersName);
  transformers.env.allowRemoteModels = false;
  const processor = new transformers.SamImageProcessor({
    do_resize: true,
    size: { longest_edge: 1024 },
    do_pad: true,
    pad_size: { width: 1024, height: 1024 },
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  });
  return { transformers, processor };
}

/**
 * Area and box of a bitmap, as a user of the peers has to write it.
 * @param {Uint8Array} data
 * @param {number} offset
 * @param {number} width
 * @param {number} height
 */
export function areaAndBox(data, offset, width, height) {
  let area = 0;
  let left = width;
  let right = -1;
  let top = -1;
  let bottom = -1;
  for (let y = 0, index = offset; y < height; y++) {
    for (let x = 0; x < width; x++, index++) {
      if (!data[index]) continue;
      area++;
      if (x < left) left = x;
      if (x > right) right = x;
      if (top < 0) top = y;
      bottom = y;
    }
  }
  return { area, x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
