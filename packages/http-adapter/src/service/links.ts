/** Address of a stored file: unguessable, because its name holds a random id. */
export function fileLink(baseUrl: string, prefix: string, key: string): string {
  return `${baseUrl}${prefix}/${key.split("/").map(encodeURIComponent).join("/")}`;
}
