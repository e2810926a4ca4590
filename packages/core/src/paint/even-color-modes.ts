import { type ColorBlendMode, colorBlends } from "./blend-modes.js";
import type { Rgba } from "./color.js";
import type { SpanPainter } from "./span-painter.js";

/**
 * The modes that treat a colour as a whole, for one colour of paint on solid pixels. The formula is that of `blendColors`;
 * what depends on the paint alone is worked out once.
 * @param share - How much of the result replaces the backdrop, 0..1.
 */
export function evenColorPainter(mode: ColorBlendMode, color: Rgba, share: number): SpanPainter {
  const { startsFromPaint, setsSaturation } = colorBlends[mode];
  if (startsFromPaint) return paintsOwnHue(color, setsSaturation, share);
  return mode === "luminosity" ? givesLuminosity(color, share) : givesSaturation(color, share);
}

const luminosityOf = (red: number, green: number, blue: number): number =>
  0.3 * red + 0.59 * green + 0.11 * blue;

/** The modes hue and color: the paint's distances from its luminosity, on the luminosity of the backdrop. */
function paintsOwnHue({ red, green, blue }: Rgba, setsSaturation: boolean, share: number): SpanPainter {
  const own = luminosityOf(red, green, blue);
  const least = Math.min(red, green, blue);
  const greatest = Math.max(red, green, blue);
  // As far as the distances may be stretched for each step of luminosity above black, and below white.
  const aboveBlack = own > least ? 1 / (own - least) : 1e6;
  const belowWhite = greatest > own ? 1 / (greatest - own) : 1e6;
  const perSpread = greatest > least ? 1 / (greatest - least) : 0;
  const addedRed = (red - own) * share;
  const addedGreen = (green - own) * share;
  const addedBlue = (blue - own) * share;
  const kept = 1 - share;
  return (words, start, end) => {
    for (let pixel = start; pixel < end; pixel++) {
      const under = words[pixel]!;
      if (under >>> 24 !== 255) return pixel;
      const underRed = under & 255;
      const underGreen = (under >>> 8) & 255;
      const underBlue = (under >>> 16) & 255;
      const luminosity = 0.3 * underRed + 0.59 * underGreen + 0.11 * underBlue;
      let stretch = 1;
      if (setsSaturation) {
        let low = underRed < underGreen ? underRed : underGreen;
        let high = underRed < underGreen ? underGreen : underRed;
        if (underBlue < low) low = underBlue;
        if (underBlue > high) high = underBlue;
        stretch = (high - low) * perSpread;
      }
      const toBlack = luminosity * aboveBlack;
      const toWhite = (255 - luminosity) * belowWhite;
      if (toBlack < stretch) stretch = toBlack;
      if (toWhite < stretch) stretch = toWhite;
      const even = luminosity * share + 0.5;
      words[pixel] =
        (underRed * kept + even + addedRed * stretch) |
        0 |
        ((underGreen * kept + even + addedGreen * stretch) << 8) |
        ((underBlue * kept + even + addedBlue * stretch) << 16) |
        (255 << 24);
    }
    return end;
  };
}

/** Luminosity: the backdrop's distances from its own luminosity, on that of the paint. */
function givesLuminosity({ red, green, blue }: Rgba, share: number): SpanPainter {
  const luminosity = luminosityOf(red, green, blue);
  const even = luminosity * share + 0.5;
  const kept = 1 - share;
  return (words, start, end) => {
    for (let pixel = start; pixel < end; pixel++) {
      const under = words[pixel]!;
      if (under >>> 24 !== 255) return pixel;
      const underRed = under & 255;
      const underGreen = (under >>> 8) & 255;
      const underBlue = (under >>> 16) & 255;
      const own = 0.3 * underRed + 0.59 * underGreen + 0.11 * underBlue;
      let low = underRed < underGreen ? underRed : underGreen;
      let high = underRed < underGreen ? underGreen : underRed;
      if (underBlue < low) low = underBlue;
      if (underBlue > high) high = underBlue;
      let stretch = share;
      // Both cannot happen: the channels span 255 at most.
      if (own - low > luminosity) stretch = (share * luminosity) / (own - low);
      else if (high - own > 255 - luminosity) stretch = (share * (255 - luminosity)) / (high - own);
      // Every channel is its own value times `kept + stretch` and one number that the three share.
      const factor = kept + stretch;
      const rest = even - own * stretch;
      words[pixel] =
        (underRed * factor + rest) |
        0 |
        ((underGreen * factor + rest) << 8) |
        ((underBlue * factor + rest) << 16) |
        (255 << 24);
    }
    return end;
  };
}

/** Saturation: the backdrop's distances from its luminosity, stretched to the spread of the paint. */
function givesSaturation({ red, green, blue }: Rgba, share: number): SpanPainter {
  const spread = Math.max(red, green, blue) - Math.min(red, green, blue);
  // By spread of the backdrop; grey has nothing to stretch.
  const stretchOf = Float64Array.from({ length: 256 }, (_, own) => (own > 0 ? spread / own : 0));
  const kept = 1 - share;
  return (words, start, end) => {
    const stretches = stretchOf;
    for (let pixel = start; pixel < end; pixel++) {
      const under = words[pixel]!;
      if (under >>> 24 !== 255) return pixel;
      const underRed = under & 255;
      const underGreen = (under >>> 8) & 255;
      const underBlue = (under >>> 16) & 255;
      const own = 0.3 * underRed + 0.59 * underGreen + 0.11 * underBlue;
      let low = underRed < underGreen ? underRed : underGreen;
      let high = underRed < underGreen ? underGreen : underRed;
      if (underBlue < low) low = underBlue;
      if (underBlue > high) high = underBlue;
      let stretch = stretches[high - low]!;
      if ((own - low) * stretch > own) stretch = own / (own - low);
      if ((high - own) * stretch > 255 - own) stretch = (255 - own) / (high - own);
      const factor = kept + stretch * share;
      const rest = own * share * (1 - stretch) + 0.5;
      words[pixel] =
        (underRed * factor + rest) |
        0 |
        ((underGreen * factor + rest) << 8) |
        ((underBlue * factor + rest) << 16) |
        (255 << 24);
    }
    return end;
  };
}
