import { MaskeryError } from "@maskery/core";
import type { ByteStream } from "dicom-parser";

/** Above what enhanced files of ten thousand frames hold; each costs some 200 bytes of memory once it is read. */
const mostElements = 500_000;
/** Group, element and, for short types, the length. */
const mostWordsOfElement = 3;

/** Types that came after the library; like those of binary data they have lengths of 32 bits. */
const laterTypes: ReadonlySet<string> = new Set(["OV", "SV", "UV"]);
const binaryType = "OB";

/**
 * Lets the library read one file: a file made of millions of empty elements is refused before they fill the memory, and
 * types that the library does not know are read as binary data.
 * @throws From reading: MaskeryError `IMAGE_TOO_LARGE`.
 */
export function boundStream(stream: ByteStream): ByteStream {
  const readUint16 = stream.readUint16.bind(stream);
  const readFixedString = stream.readFixedString.bind(stream);
  let words = 0;
  stream.readUint16 = () => {
    words += 1;
    if (words > mostElements * mostWordsOfElement)
      throw new MaskeryError(
        "IMAGE_TOO_LARGE",
        `image: expected at most ${mostElements} DICOM elements, received more`,
        { field: "image" },
      );
    return readUint16();
  };
  stream.readFixedString = (length) => {
    const text = readFixedString(length);
    return laterTypes.has(text) ? binaryType : text;
  };
  return stream;
}
