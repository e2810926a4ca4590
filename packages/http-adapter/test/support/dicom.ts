/**
 * A small DICOM file: explicit little endian, 8-bit MONOCHROME2, a bright disc that moves to the right from frame to frame.
 * Written by hand after PS3.5 and PS3.10 of the standard.
 */
export function dicom(width: number, height: number, frames: number): Uint8Array {
  const pixels = Buffer.alloc(width * height * frames);
  for (let frame = 0; frame < frames; frame++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const center = (width * (frame + 1)) / (frames + 1);
        const inside = Math.hypot(x - center, y - height / 2) <= height / 5;
        pixels[(frame * height + y) * width + x] = inside ? 220 : 40;
      }
  const syntax = element(0x0002, 0x0010, "UI", text("1.2.840.10008.1.2.1", "\0"));
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from("DICM"),
    element(0x0002, 0x0000, "UL", uint32(syntax.length)),
    syntax,
    element(0x0028, 0x0002, "US", uint16(1)),
    element(0x0028, 0x0004, "CS", text("MONOCHROME2", " ")),
    element(0x0028, 0x0008, "IS", text(String(frames), " ")),
    element(0x0028, 0x0010, "US", uint16(height)),
    element(0x0028, 0x0011, "US", uint16(width)),
    element(0x0028, 0x0100, "US", uint16(8)),
    element(0x0028, 0x0101, "US", uint16(8)),
    element(0x0028, 0x0102, "US", uint16(7)),
    element(0x0028, 0x0103, "US", uint16(0)),
    element(
      0x7fe0,
      0x0010,
      "OB",
      pixels.length % 2 === 0 ? pixels : Buffer.concat([pixels, Buffer.alloc(1)]),
    ),
  ]);
}

function element(group: number, number: number, type: string, value: Buffer): Buffer {
  const isLong = type === "OB";
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(type, 4, "latin1");
  if (isLong) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

function text(value: string, padding: string): Buffer {
  return Buffer.from(value.length % 2 === 0 ? value : value + padding, "latin1");
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
