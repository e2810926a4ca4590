import { oklabOfBytes } from "../paint/oklab.js";

/** What people call colours, each with a few colours that surely are called so. */
const examples: Readonly<Record<string, readonly number[]>> = {
  black: [0x000000, 0x1c1c1c],
  "dark gray": [0x3d3d3d, 0x565656],
  gray: [0x808080],
  "light gray": [0xb0b0b0, 0xc8c8c8],
  white: [0xf0f0f0, 0xffffff],
  red: [0xe01010, 0xc62828, 0xff4040],
  "dark red": [0x7a1010, 0x5a0f0f],
  pink: [0xff9eb5, 0xf4c2cf, 0xff69b4],
  magenta: [0xe000e0, 0xc71585],
  purple: [0x7d2ae8, 0x6a1b9a, 0x9b6fc4],
  orange: [0xff8c00, 0xf26b1d, 0xffab40],
  brown: [0x8b4f1d, 0x5c3a1e, 0xa0673a, 0x40291a],
  beige: [0xe3cfa9, 0xd2b48c, 0xf0e2c8],
  yellow: [0xffe119, 0xf0d000, 0xfff176],
  olive: [0x808000, 0x63632a],
  green: [0x1fa01f, 0x4caf50, 0x00d030],
  "dark green": [0x0b4d1a, 0x2f4f2f],
  "light green": [0x90ee90, 0xb5e6b0],
  teal: [0x008080, 0x1f6f6f],
  turquoise: [0x40e0d0, 0x00e5ff],
  "light blue": [0x87ceeb, 0xa6cbf0, 0xc5def5],
  blue: [0x0000ff, 0x1f4fe0, 0x3b82d6],
  "dark blue": [0x0b1a5c, 0x1c2c50],
};

/** The names, in the order of the numbers of `nameOfPixel`. */
export const colorNames: readonly string[] = Object.keys(examples);

/** Bits of each channel that count: more would not change a name that anybody could dispute. */
const BITS = 5;
const LEVELS = 1 << BITS;

let table: Uint8Array | undefined;

/**
 * Index in `colorNames` of the name of every colour, by its upper bits: `(red >> 3) << 10 | (green >> 3) << 5 | blue >> 3`. The
 * nearest example in OKLab wins; see oklab.ts. Made at the first call.
 */
export function colorNameTable(): Uint8Array {
  table ??= makeTable();
  return table;
}

function makeTable(): Uint8Array {
  const anchors = colorNames.flatMap((name, index) =>
    examples[name]!.map((color) => ({
      index,
      ...oklabOfBytes((color >> 16) & 255, (color >> 8) & 255, color & 255),
    })),
  );
  const names = new Uint8Array(LEVELS ** 3);
  // The middle of the range that shares the upper bits; both ends stay pure black and white.
  const byteOf = (level: number) => Math.round((level * 255) / (LEVELS - 1));
  for (let entry = 0; entry < names.length; entry++) {
    const { lightness, a, b } = oklabOfBytes(
      byteOf(entry >> (2 * BITS)),
      byteOf((entry >> BITS) & (LEVELS - 1)),
      byteOf(entry & (LEVELS - 1)),
    );
    let nearest = Number.POSITIVE_INFINITY;
    for (const anchor of anchors) {
      const distance = (lightness - anchor.lightness) ** 2 + (a - anchor.a) ** 2 + (b - anchor.b) ** 2;
      if (distance >= nearest) continue;
      nearest = distance;
      names[entry] = anchor.index;
    }
  }
  return names;
}
