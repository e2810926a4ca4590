/**
 * A PNG that is nothing but its header: signature and IHDR, with a right checksum. It claims a size and has
 * no pixels.
 */
export function pngHeaderOnly(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 13);
  bytes.set([0x49, 0x48, 0x44, 0x52], 12); // IHDR
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set([8, 6], 24); // 8 bits, RGBA
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

/** A whole PNG whose header claims another size. */
export function withPngSize(png: Uint8Array, width: number, height: number): Uint8Array {
  const changed = new Uint8Array(png);
  changed.set(pngHeaderOnly(width, height).subarray(16, 24), 16);
  new DataView(changed.buffer).setUint32(29, crc32(changed.subarray(12, 29)));
  return changed;
}

/** A JPEG with an EXIF segment that holds nothing but an orientation, 1 to 8. */
export function withExifOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const startOfImageBytes = 2;
  const exif = Uint8Array.of(
    ...[0xff, 0xe1, 0x00, 0x22], // APP1, 34 bytes with this length
    ...[0x45, 0x78, 0x69, 0x66, 0x00, 0x00], // "Exif"
    ...[0x4d, 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08], // big-endian TIFF, directory at 8
    ...[0x00, 0x01], // one entry
    ...[0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, orientation, 0x00, 0x00], // Orientation, one SHORT
    ...[0x00, 0x00, 0x00, 0x00], // no further directory
  );
  const joined = new Uint8Array(jpeg.length + exif.length);
  joined.set(jpeg.subarray(0, startOfImageBytes));
  joined.set(exif, startOfImageBytes);
  joined.set(jpeg.subarray(startOfImageBytes), startOfImageBytes + exif.length);
  return joined;
}

function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
