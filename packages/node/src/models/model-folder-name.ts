import { createHash } from "node:crypto";

/** Names that Windows keeps for devices, whatever the extension. */
const reservedName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|@|$)/i;

/**
 * The folder of one version of a model: `sam2.1-tiny@814a066640de`. A copy of such folders on a web server is a mirror. Ids of
 * the users' own models may hold anything; what no file system allows becomes `_`, with a few characters of a hash to keep
 * different ids apart.
 */
export function modelFolderName({ id, version }: { readonly id: string; readonly version: string }): string {
  const name = `${id}@${version}`;
  const safe = name.replaceAll(/[^A-Za-z0-9.@_+-]/g, "_").replace(/^\.+|\.+$/g, "_");
  if (safe === name && name.length <= 120 && !reservedName.test(name)) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `_${safe.slice(0, 100)}-${digest}`;
}
