// A room made in code: a plastered wall under a lamp and a patch of sun, with a window, a picture and a skirting board.
// Rendered in linear light, so what paint does to it can be judged against what light does.

/** Smooth noise 0..1 that repeats for the same seed. */
function valueNoise(seed) {
  const hash = (x, y) => {
    let mixed = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed, 2246822519);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 1274126177);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
  };
  return (x, y) => {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const smooth = (share) => share * share * (3 - 2 * share);
    const across = smooth(x - left);
    const down = smooth(y - top);
    const upper = hash(left, top) + (hash(left + 1, top) - hash(left, top)) * across;
    const lower = hash(left, top + 1) + (hash(left + 1, top + 1) - hash(left, top + 1)) * across;
    return upper + (lower - upper) * down;
  };
}

/** Height of the plaster: trowel strokes, grain and a few dents. */
function plasterHeight() {
  const strokes = valueNoise(1);
  const grain = valueNoise(2);
  const fine = valueNoise(3);
  return (x, y) => {
    const turned = x * 0.8 + y * 0.6;
    const along = -x * 0.6 + y * 0.8;
    return 3.2 * strokes(turned / 46, along / 14) + 1.1 * grain(x / 5, y / 5) + 0.5 * fine(x / 1.7, y / 1.7);
  };
}

const toByte = (linear) => {
  const value = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055));
};
const toLinear = (byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

/** `[left, top, right, bottom]` as shares of the room. */
const window = [0.62, 0.16, 0.86, 0.58];
const frame = [0.16, 0.22, 0.36, 0.5];
const skirting = 0.9;
const inside = ([left, top, right, bottom], u, v, margin = 0) =>
  u > left - margin && u < right + margin && v > top - margin && v < bottom + margin;

/**
 * @param wall - The wall's own colour as sRGB bytes.
 * @returns The room and a bitmap of its wall.
 */
export function room(width, height, wall) {
  const data = new Uint8ClampedArray(width * height * 4);
  const bitmap = new Uint8Array(width * height);
  const plaster = plasterHeight();
  const noise = valueNoise(9);
  const scale = 640 / width;
  const albedo = wall.map(toLinear);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x / width;
      const v = y / height;
      // Surface slope from the plaster's height, lit from the upper left.
      const px = x * scale;
      const py = y * scale;
      const slopeX = plaster(px + 0.7, py) - plaster(px - 0.7, py);
      const slopeY = plaster(px, py + 0.7) - plaster(px, py - 0.7);
      const relief = Math.max(0.15, 1 - 0.16 * slopeX - 0.2 * slopeY);
      // A warm lamp on the upper left, cool light of the sky from the window, sun through it on the lower left.
      const lamp = 0.62 / (1 + 5.5 * ((u - 0.1) ** 2 + 0.7 * (v - 0.05) ** 2));
      const sky = 0.2 + 0.16 * (1 - Math.abs(u - 0.5));
      const slant = u + 0.55 * v;
      const edge = (from, to) =>
        Math.min(1, Math.max(0, (slant - from) / 0.02)) * Math.min(1, Math.max(0, (to - slant) / 0.02));
      const sun =
        v > 0.35 ? 0.42 * (edge(0.62, 0.72) + edge(0.745, 0.84)) * Math.min(1, (v - 0.35) / 0.03) : 0;
      // Shadows: under the window sill, around the picture, towards the ceiling corner.
      let shade = 1 - 0.35 * Math.max(0, 1 - v / 0.12) ** 2 - 0.3 * Math.max(0, (v - 0.84) / 0.06);
      if (inside([window[0] - 0.01, window[3] + 0.03, window[2] + 0.03, window[3] + 0.075], u, v))
        shade *= 0.62;
      if (inside([frame[0] + 0.012, frame[1] + 0.02, frame[2] + 0.018, frame[3] + 0.03], u, v)) shade *= 0.6;
      let light = [
        (lamp * 1.0 + sky * 0.92 + sun) * shade,
        (lamp * 0.86 + sky * 0.98 + sun * 0.94) * shade,
        (lamp * 0.64 + sky * 1.1 + sun * 0.82) * shade,
      ];
      let surface = albedo;
      let isWall = false;
      if (inside(window, u, v)) {
        const pane =
          Math.min(
            Math.abs(u - (window[0] + window[2]) / 2) * width,
            Math.abs(v - (window[1] + window[3]) / 2) * height,
          ) >
          4 * (width / 640);
        surface = pane ? [0.55 + 0.3 * (1 - v), 0.68 + 0.25 * (1 - v), 0.9] : [0.8, 0.8, 0.78];
        light = pane ? [0.95, 0.95, 0.95] : light;
      } else if (inside(window, u, v, 0.018)) surface = [0.78, 0.77, 0.74];
      else if (inside(frame, u, v)) {
        const art = noise(px / 30, py / 40);
        surface = inside(frame, u, v, -0.02)
          ? [0.5 * art + 0.1, 0.25 + 0.2 * (1 - art), 0.35 - 0.2 * art]
          : [0.12, 0.07, 0.04];
      } else if (v > skirting) surface = v > skirting + 0.055 ? [0.22, 0.12, 0.06] : [0.75, 0.74, 0.7];
      else {
        isWall = true;
        light = light.map((value) => value * relief);
      }
      const pixel = y * width + x;
      if (isWall) bitmap[pixel] = 1;
      // A little sheen on the plaster's ridges, and the sensor's noise.
      const sheen = isWall ? 0.012 * Math.max(0, relief - 1) * (lamp + sun) * 4 : 0;
      const grain = 1 + 0.03 * (noise(x * 1.37, y * 1.91) - 0.5);
      for (let channel = 0; channel < 3; channel++) {
        data[pixel * 4 + channel] = toByte(
          (surface[channel] * light[channel] + sheen) * grain + 0.0015 * (noise(x * 2.3 + 50, y * 2.7) - 0.3),
        );
      }
      data[pixel * 4 + 3] = 255;
    }
  }
  return { image: { width, height, data }, bitmap };
}
