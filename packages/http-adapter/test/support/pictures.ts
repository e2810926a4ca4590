import sharp from "sharp";

const photos = new URL("../../../../examples/photos/", import.meta.url);

/** A photo of a cup, seen from above, in the given size. */
export function photo(
  width: number,
  height: number,
  format: "png" | "jpeg" | "webp" | "tiff" = "jpeg",
): Promise<Uint8Array> {
  return sharp(new URL("coffee.png", photos).pathname)
    .resize(width, height, { fit: "fill" })
    .toFormat(format, format === "jpeg" ? { quality: 90 } : {})
    .toBuffer();
}

/** A disc on a plain ground: nobody disputes where its border is. */
export function disc(width: number, height: number, center: readonly [number, number], radius: number) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#20304a"/><circle cx="${center[0]}" cy="${center[1]}" r="${radius}" fill="#e8b13c"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** 24-bit BMP, rows from below, each padded to four bytes. */
export async function bmp(picture: Uint8Array): Promise<Uint8Array> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const rowBytes = Math.ceil((info.width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + rowBytes * info.height);
  file.write("BM", 0, "latin1");
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(info.width, 18);
  file.writeInt32LE(info.height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(rowBytes * info.height, 34);
  for (let y = 0; y < info.height; y++)
    for (let x = 0; x < info.width; x++)
      for (let channel = 0; channel < 3; channel++)
        file[54 + (info.height - 1 - y) * rowBytes + x * 3 + channel] =
          data[(y * info.width + x) * 3 + (2 - channel)]!;
  return file;
}

/** Pixels of a mask picture inside it, and its size. */
export async function readMask(base64: string): Promise<{
  readonly width: number;
  readonly height: number;
  readonly area: number;
  isInside(x: number, y: number): boolean;
}> {
  const { data, info } = await sharp(Buffer.from(base64, "base64"))
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const step = info.channels;
  const isInside = (x: number, y: number) => data[(y * info.width + x) * step]! > 127;
  let area = 0;
  for (let index = 0; index < data.length; index += step) if (data[index]! > 127) area++;
  return { width: info.width, height: info.height, area, isInside };
}

/** Share of two masks' union that both cover. */
export function iou(
  first: Awaited<ReturnType<typeof readMask>>,
  inside: (x: number, y: number) => boolean,
): number {
  let both = 0;
  let either = 0;
  for (let y = 0; y < first.height; y++)
    for (let x = 0; x < first.width; x++) {
      const a = first.isInside(x, y);
      const b = inside(x, y);
      if (a && b) both++;
      if (a || b) either++;
    }
  return either === 0 ? 0 : both / either;
}
