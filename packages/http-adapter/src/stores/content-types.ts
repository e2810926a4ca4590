const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  webp: "image/webp",
  bmp: "image/bmp",
  tiff: "image/tiff",
  gif: "image/gif",
  avif: "image/avif",
  dcm: "application/dicom",
  json: "application/json",
};

/** Media type by the ending of a key that we made ourselves; never by the name that a client gave. */
export function contentTypeOf(key: string): string {
  return types[key.slice(key.lastIndexOf(".") + 1)] ?? "application/octet-stream";
}

/** The ending for a media type, without the dot. */
export function extensionOf(contentType: string): string {
  return Object.keys(types).find((extension) => types[extension] === contentType) ?? "bin";
}
