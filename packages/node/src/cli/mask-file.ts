import {
  type CallOptions,
  defaultImageLimits,
  gunzipMask,
  type ImageSize,
  invalidInput,
  Mask,
  MaskeryError,
  maskFromCoco,
  maskFromEncoded,
  maskFromGeoJson,
  maskFromSvgPath,
  masksFromYolo,
  type Platform,
  sniffImageFormat,
} from "@maskery/core";

export interface ReadMaskOptions extends CallOptions {
  /** For formats that do not know how large their picture is. */
  readonly size?: ImageSize | undefined;
  /** Foreground of pictures from this value on, 0..255. */
  readonly threshold?: number | undefined;
}

const GZIP = [0x1f, 0x8b] as const;

const geoJsonTypes: ReadonlySet<unknown> = new Set([
  "Feature",
  "FeatureCollection",
  "GeometryCollection",
  "MultiPolygon",
  "Polygon",
]);

/**
 * Reads the masks of one file, whatever its form: a picture, COCO run lengths (one or a list), a COCO dataset of one
 * picture, the output of `maskery segment --json`, GeoJSON, SVG, YOLO labels, or packed bits. The content decides, not the
 * name.
 * @throws MaskeryError naming the file: `NOT_FOUND`, `UNSUPPORTED_FORMAT`, `CORRUPT_IMAGE`, `INVALID_INPUT`.
 */
export async function readMaskFile(
  path: string,
  platform: Platform,
  options: ReadMaskOptions,
): Promise<Mask[]> {
  try {
    const bytes = await platform.readImage(path, {
      signal: options.signal,
      maxBytes: defaultImageLimits.maxBytes,
    });
    const masks = await masksIn(bytes, platform, options);
    if (masks.length === 0) throw invalidInput("masks", "at least one mask", "none");
    return masks.map((mask) => mask.with({ output: platform }));
  } catch (error) {
    if (!MaskeryError.is(error) || error.code === "ABORTED") throw error;
    throw new MaskeryError(error.code, `${path}: ${error.message}`, { cause: error, field: error.field });
  }
}

/** @throws MaskeryError as `readMaskFile`, and `INVALID_INPUT` for a file of several masks. */
export async function readSingleMask(
  path: string,
  platform: Platform,
  options: ReadMaskOptions,
): Promise<Mask> {
  const [first, ...others] = (await readMaskFile(path, platform, options)) as [Mask, ...Mask[]];
  if (others.length === 0) return first;
  throw new MaskeryError(
    "INVALID_INPUT",
    `${path}: expected one mask, received ${others.length + 1}; "maskery mask combine" makes one of them`,
  );
}

async function masksIn(bytes: Uint8Array, platform: Platform, options: ReadMaskOptions): Promise<Mask[]> {
  const format = sniffImageFormat(bytes);
  if (format !== undefined) {
    const { signal, threshold } = options;
    // The grays of a lossy picture are noise around its edges, not a soft edge.
    const soft = format !== "jpeg";
    const mask = await maskFromEncoded(bytes, platform.codec, {
      signal,
      soft,
      ...(threshold !== undefined && { threshold }),
    });
    return [hasSoftEdge(mask) ? mask : mask.with({ alpha: undefined })];
  }
  if (bytes[0] === GZIP[0] && bytes[1] === GZIP[1])
    return [await gunzipMask(bytes, { signal: options.signal })];
  const text = decodeText(bytes).trim();
  if (text.startsWith("{") || text.startsWith("[")) return masksInJson(parseJson(text), options.size);
  if (text.startsWith("<")) return [maskInSvg(text, options.size)];
  if (/^\d/.test(text)) {
    const { width, height } = requireSize(options.size, "YOLO labels");
    return masksFromYolo(text, width, height).map(({ mask }) => mask);
  }
  throw new MaskeryError(
    "UNSUPPORTED_FORMAT",
    "expected a picture, COCO run lengths or dataset, GeoJSON, SVG, YOLO labels or packed bits",
  );
}

const hasSoftEdge = (mask: Mask): boolean =>
  mask.alpha?.gray.some((value) => value > 0 && value < 255) ?? false;

function masksInJson(json: unknown, size: ImageSize | undefined): Mask[] {
  if (Array.isArray(json)) return json.map((entry, index) => rleAt(entry, `[${index}]`));
  const object = json as Record<string, unknown>;
  if (geoJsonTypes.has(object["type"])) {
    const { width, height } = requireSize(size, "GeoJSON");
    return [maskFromGeoJson(object, width, height)];
  }
  if (Array.isArray(object["annotations"])) return masksOfDataset(object["annotations"], object["images"]);
  if (Array.isArray(object["masks"])) {
    return object["masks"].map((entry: unknown, index) =>
      rleAt((entry as { rle?: unknown } | null)?.rle, `masks[${index}].rle`),
    );
  }
  return [rleAt(object, "")];
}

function rleAt(value: unknown, name: string): Mask {
  try {
    return Mask.fromRle(value as Parameters<typeof Mask.fromRle>[0]);
  } catch (error) {
    if (name === "" || !MaskeryError.is(error)) throw error;
    throw new MaskeryError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

function masksOfDataset(annotations: readonly unknown[], images: unknown): Mask[] {
  if (!Array.isArray(images) || images.length !== 1) {
    throw invalidInput(
      "images",
      "a dataset of one picture",
      Array.isArray(images) ? `${images.length} pictures` : images,
    );
  }
  const { width, height } = images[0] as { width?: unknown; height?: unknown };
  if (typeof width !== "number" || typeof height !== "number")
    throw invalidInput("images[0].width", "a number", width);
  return annotations.map((annotation) => maskFromCoco(annotation, width, height));
}

/** Reads the paths of an SVG picture such as `maskery mask convert` writes; transformations are not followed. */
function maskInSvg(svg: string, size: ImageSize | undefined): Mask {
  const paths = [...svg.matchAll(/<path\b[^>]*?\sd\s*=\s*(["'])(.*?)\1/gs)].map((match) => match[2]!);
  if (paths.length === 0) throw invalidInput("svg", "a <path> with a d", "none");
  const attribute = (name: string) =>
    Number(new RegExp(`<svg\\b[^>]*?\\s${name}\\s*=\\s*["']([\\d.]+)(?:px)?["']`, "s").exec(svg)?.[1]);
  const own = { width: attribute("width"), height: attribute("height") };
  const { width, height } =
    size ?? (own.width > 0 && own.height > 0 ? own : requireSize(undefined, "an SVG without a size"));
  return maskFromSvgPath(paths.join(" "), width, height);
}

function requireSize(size: ImageSize | undefined, what: string): ImageSize {
  if (size) return size;
  throw invalidInput("--size", `the picture's size as width x height, for ${what}`, "none");
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "";
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MaskeryError("INVALID_INPUT", "expected JSON that is whole and well-formed", { cause });
  }
}
