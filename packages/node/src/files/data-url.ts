const base64Pattern = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The content of a `data:` URL, base64 or percent-encoded. Undefined when it is none. */
export function decodeDataUrl(url: string): Uint8Array | undefined {
  const comma = url.indexOf(",");
  if (comma < 0) return undefined;
  const isBase64 = /;\s*base64$/i.test(url.slice("data:".length, comma).trim());
  const content = percentDecode(url.slice(comma + 1));
  if (content === undefined) return undefined;
  if (!isBase64) return Uint8Array.from(content);
  const text = content.toString("latin1").replaceAll(/\s/g, "");
  if (!base64Pattern.test(text) || text.replace(/=+$/, "").length % 4 === 1) return undefined;
  return Uint8Array.from(Buffer.from(text, "base64"));
}

/** `%41` becomes the byte 0x41; other characters become their UTF-8 bytes. */
function percentDecode(text: string): Buffer | undefined {
  if (!text.includes("%")) return Buffer.from(text, "utf8");
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const source = Buffer.from(text, "utf8");
  const decoded = Buffer.alloc(source.length);
  let length = 0;
  for (let index = 0; index < source.length; index += 1, length += 1) {
    const isEscape = source[index] === 0x25;
    decoded[length] = isEscape
      ? Number.parseInt(source.toString("latin1", index + 1, index + 3), 16)
      : (source[index] as number);
    if (isEscape) index += 2;
  }
  return decoded.subarray(0, length);
}
