export const width = 1920;
export const height = 1080;
export const planeSide = 256;
/** SAM's letterbox: the picture fills 1024 × 576 of the frame, 256 × 144 of the plane. */
export const planeScale = planeSide / width;

/** @param {number} seed */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Scores like a decoder's: one large object with lobes, a few small ones, ripples along the border.
 * @param {number} seed
 * @returns {Float32Array} `[256, 256]`
 */
export function decoderPlane(seed) {
  const random = randomNumbers(seed);
  const blobs = Array.from({ length: 14 }, (_, index) => ({
    x: (0.15 + 0.7 * random()) * planeSide,
    y: (0.15 + 0.7 * random()) * planeSide * (height / width),
    radius: (index === 0 ? 0.16 : 0.02 + 0.06 * random()) * planeSide,
    sign: index > 0 && random() < 0.3 ? -1 : 1,
  }));
  return Float32Array.from({ length: planeSide * planeSide }, (_, index) => {
    const x = index % planeSide;
    const y = Math.floor(index / planeSide);
    let value = -5;
    for (const blob of blobs)
      value += blob.sign * 14 * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / blob.radius ** 2);
    return value + Math.sin(x * 0.9) * Math.cos(y * 0.7) * 0.8 + (random() - 0.5) * 0.4;
  });
}

/**
 * A mask with many pieces and holes, as thresholding a microscope picture gives: 1 inside, `[height, width]`.
 * @param {number} seed
 */
export function crowdedBitmap(seed) {
  const random = randomNumbers(seed);
  const bitmap = new Uint8Array(width * height);
  for (let blob = 0; blob < 400; blob++) {
    const x0 = random() * width;
    const y0 = random() * height;
    const radius = 6 + random() * 26;
    const hole = random() < 0.4 ? radius * 0.5 : 0;
    for (let y = Math.max(0, Math.floor(y0 - radius)); y < Math.min(height, y0 + radius); y++) {
      for (let x = Math.max(0, Math.floor(x0 - radius)); x < Math.min(width, x0 + radius); x++) {
        const distance = Math.hypot(x - x0, y - y0);
        if (distance <= radius && distance >= hole) bitmap[y * width + x] = 1;
      }
    }
  }
  return bitmap;
}
