/** Width of a glyph in font pixels; one empty column parts two glyphs. */
const GLYPH_WIDTH = 5;
/** Seven rows above the base line, two below it for the tails of g, j, p, q and y. */
const GLYPH_HEIGHT = 9;
const ADVANCE = GLYPH_WIDTH + 1;

/**
 * Maskery's own letters for labels, ASCII 32..126 in order: rows from the top, two hexadecimal digits each; of the five
 * bits the highest is the left column. Rows that are not there are empty.
 */
const GLYPHS = `
00000000000000 04040404040004 0a0a0a00000000 0a0a1f0a1f0a0a 040f140e051e04 18190204081303 0c12140815120d 04040800000000
02040808080402 08040202020408 0004150e150400 0004041f040400 00000000000c0408 0000001f000000 00000000000c0c 00010204081000
0e11131519110e 040c040404040e 0e11010608101f 1e01010e01011e 02060a121f0202 1f101e0101110e 0608101e11110e 1f010204080808
0e11110e11110e 0e11110f01020c 000c0c000c0c00 000c0c00000c0408 02040810080402 00001f001f0000 08040201020408 0e110102040004
0e11010d15150e 0e11111f111111 1e11111e11111e 0e11101010110e 1e11111111111e 1f10101e10101f 1f10101e101010 0e11101711110f
1111111f111111 0e04040404040e 0702020202120c 11121418141211 1010101010101f 111b1515111111 11111915131111 0e11111111110e
1e11111e101010 0e11111115120d 1e11111e141211 0f10100e01011e 1f040404040404 1111111111110e 11111111110a04 11111115151b11
11110a040a1111 11110a04040404 1f01020408101f 0e08080808080e 00100804020100 0e02020202020e 040a1100000000 0000000000001f
08040200000000 00000e010f110f 10101e1111111e 00000e1110110e 01010f1111110f 00000e111f100e 06081c08080808 00000f1111110f010e
10101619111111 04000c0404040e 02000602020202120c 10101214181412 0c04040404040e 00001a15151515 00001619111111 00000e1111110e
00001e1111111e1010 00000f1111110f0101 00001619101010 00000f100e011e 08081c08080906 0000111111130d 00001111110a04 0000111115150a
0000110a040a11 0000111111110f010e 00001f0204081f 02040408040402 04040404040404 08040402040408 00000815020000`
  .trim()
  .split(/\s+/);

/** Size of a line of text at a whole-number scale, without the gap after the last letter. */
export function textSize(text: string, scale: number): { readonly width: number; readonly height: number } {
  const letters = plainLetters(text).length;
  return { width: Math.max(0, letters * ADVANCE - 1) * scale, height: GLYPH_HEIGHT * scale };
}

/**
 * Calls `fill` for every rectangle of ink of a line of text whose top left corner is `(x, y)`. Accents are dropped; what
 * ASCII does not have shows as `?`.
 */
export function drawGlyphs(
  text: string,
  x: number,
  y: number,
  scale: number,
  fill: (x: number, y: number, width: number, height: number) => void,
): void {
  plainLetters(text).forEach((letter, position) => {
    const glyph = GLYPHS[letter.charCodeAt(0) - 32]!;
    for (let row = 0; row * 2 < glyph.length; row++) {
      const bits = Number.parseInt(glyph.slice(row * 2, row * 2 + 2), 16);
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        if ((bits >> (GLYPH_WIDTH - 1 - column)) & 1) {
          fill(x + (position * ADVANCE + column) * scale, y + row * scale, scale, scale);
        }
      }
    }
  });
}

function plainLetters(text: string): string[] {
  const bare = text.normalize("NFD").replace(/\p{Mark}/gu, "");
  return Array.from(bare, (letter) => (/^[ -~]$/.test(letter) ? letter : "?"));
}
