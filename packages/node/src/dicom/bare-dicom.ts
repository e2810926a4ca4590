const metaGroup = 0x0002;
const firstDataGroup = 0x0008;
const signatureOffset = 128;

/** Whether the first element names its type by two letters, as explicit syntaxes do. */
export function beginsWithExplicitType(bytes: Uint8Array): boolean {
  return [bytes[4], bytes[5]].every((byte) => byte !== undefined && byte >= 0x41 && byte <= 0x5a);
}

/** The group of the first element, read as little endian. */
export function firstGroup(bytes: Uint8Array): number {
  return (bytes[0] as number) | ((bytes[1] as number) << 8);
}

/**
 * Whether bytes without the signature of DICOM are a data set all the same: old archives and network captures leave
 * out the preamble. They begin with the file meta information or the identifying group.
 */
export function isBareDicom(bytes: Uint8Array): boolean {
  if (bytes.length <= signatureOffset + 4) return false;
  const group = firstGroup(bytes);
  if (group !== metaGroup && group !== firstDataGroup) return false;
  if (beginsWithExplicitType(bytes)) return true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const element = view.getUint16(2, true);
  const length = view.getUint32(4, true);
  return group === firstDataGroup && element <= 0x0070 && length > 0 && length <= 256;
}
