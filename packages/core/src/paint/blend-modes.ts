/**
 * The blend functions of W3C "Compositing and Blending Level 1", section 10, on channel values 0..1 in sRGB. The first
 * argument is the backdrop, the second the paint.
 */

type ChannelBlend = (backdrop: number, paint: number) => number;

const multiply: ChannelBlend = (backdrop, paint) => backdrop * paint;
const screen: ChannelBlend = (backdrop, paint) => backdrop + paint - backdrop * paint;
const hardLight: ChannelBlend = (backdrop, paint) =>
  paint <= 0.5 ? multiply(backdrop, 2 * paint) : screen(backdrop, 2 * paint - 1);

const colorDodge: ChannelBlend = (backdrop, paint) =>
  backdrop === 0 ? 0 : paint === 1 ? 1 : Math.min(1, backdrop / (1 - paint));

const colorBurn: ChannelBlend = (backdrop, paint) =>
  backdrop === 1 ? 1 : paint === 0 ? 0 : 1 - Math.min(1, (1 - backdrop) / paint);

const softLight: ChannelBlend = (backdrop, paint) => {
  if (paint <= 0.5) return backdrop - (1 - 2 * paint) * backdrop * (1 - backdrop);
  const lit = backdrop <= 0.25 ? ((16 * backdrop - 12) * backdrop + 4) * backdrop : Math.sqrt(backdrop);
  return backdrop + (2 * paint - 1) * (lit - backdrop);
};

/** Modes that treat each channel alone. */
export const channelBlends = {
  normal: (_backdrop, paint) => paint,
  multiply,
  screen,
  overlay: (backdrop, paint) => hardLight(paint, backdrop),
  darken: (backdrop, paint) => Math.min(backdrop, paint),
  lighten: (backdrop, paint) => Math.max(backdrop, paint),
  "color-dodge": colorDodge,
  "color-burn": colorBurn,
  "hard-light": hardLight,
  "soft-light": softLight,
  difference: (backdrop, paint) => Math.abs(backdrop - paint),
  exclusion: (backdrop, paint) => backdrop + paint - 2 * backdrop * paint,
} as const satisfies Record<string, ChannelBlend>;

/** Modes that treat a colour as a whole: which of the two gives hue, saturation and luminosity. */
export const colorBlendModes = ["hue", "saturation", "color", "luminosity"] as const;

export type ChannelBlendMode = keyof typeof channelBlends;
export type ColorBlendMode = (typeof colorBlendModes)[number];

/** How paint meets what lies under it. */
export type BlendMode = ChannelBlendMode | ColorBlendMode;

export const blendModes: readonly [BlendMode, ...BlendMode[]] = [
  ...(Object.keys(channelBlends) as [ChannelBlendMode, ...ChannelBlendMode[]]),
  ...colorBlendModes,
];

export function isColorBlendMode(mode: BlendMode): mode is ColorBlendMode {
  return (colorBlendModes as readonly string[]).includes(mode);
}

// Plain comparisons: Math.min and Math.max also order zeros and NaN, which costs a third of the loop.
const leastOf = (first: number, second: number, third: number): number => {
  const least = first < second ? first : second;
  return least < third ? least : third;
};
const greatestOf = (first: number, second: number, third: number): number => {
  const greatest = first > second ? first : second;
  return greatest > third ? greatest : third;
};

/** What a colour mode takes from where, asked once for a layer and not for every pixel. */
export interface ColorBlend {
  /** Red, green and blue to begin with: the paint's or the backdrop's. */
  readonly startsFromPaint: boolean;
  /** Whether the spread of the channels is replaced by that of the other colour (SetSat). */
  readonly setsSaturation: boolean;
  /** Whose luminosity the result has. */
  readonly luminosityOfPaint: boolean;
}

export const colorBlends: Readonly<Record<ColorBlendMode, ColorBlend>> = {
  hue: { startsFromPaint: true, setsSaturation: true, luminosityOfPaint: false },
  saturation: { startsFromPaint: false, setsSaturation: true, luminosityOfPaint: false },
  color: { startsFromPaint: true, setsSaturation: false, luminosityOfPaint: false },
  luminosity: { startsFromPaint: false, setsSaturation: false, luminosityOfPaint: true },
};

/**
 * Blends whole colours 0..255. The result is written to `result` as red, green, blue.
 *
 * SetSat, SetLum and ClipColor of the source in one go: all three keep the proportions between the distances of the
 * channels from the colour's luminosity. So the result is the wanted luminosity plus those distances times one number: the
 * ratio of saturations, or less where a channel would leave 0..255.
 */
export function blendColors(
  { startsFromPaint, setsSaturation, luminosityOfPaint }: ColorBlend,
  backdropRed: number,
  backdropGreen: number,
  backdropBlue: number,
  paintRed: number,
  paintGreen: number,
  paintBlue: number,
  result: Float64Array,
): void {
  const red = startsFromPaint ? paintRed : backdropRed;
  const green = startsFromPaint ? paintGreen : backdropGreen;
  const blue = startsFromPaint ? paintBlue : backdropBlue;
  const own = 0.3 * red + 0.59 * green + 0.11 * blue;
  const least = leastOf(red, green, blue);
  const greatest = greatestOf(red, green, blue);
  const luminosity =
    luminosityOfPaint === startsFromPaint
      ? own
      : luminosityOfPaint
        ? 0.3 * paintRed + 0.59 * paintGreen + 0.11 * paintBlue
        : 0.3 * backdropRed + 0.59 * backdropGreen + 0.11 * backdropBlue;
  let kept = 1;
  if (setsSaturation) {
    const wanted = startsFromPaint
      ? greatestOf(backdropRed, backdropGreen, backdropBlue) -
        leastOf(backdropRed, backdropGreen, backdropBlue)
      : greatestOf(paintRed, paintGreen, paintBlue) - leastOf(paintRed, paintGreen, paintBlue);
    kept = greatest > least ? wanted / (greatest - least) : 0;
  }
  if ((own - least) * kept > luminosity) kept = luminosity / (own - least);
  if ((greatest - own) * kept > 255 - luminosity) kept = (255 - luminosity) / (greatest - own);
  result[0] = luminosity + (red - own) * kept;
  result[1] = luminosity + (green - own) * kept;
  result[2] = luminosity + (blue - own) * kept;
}
