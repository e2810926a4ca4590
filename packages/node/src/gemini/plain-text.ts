/**
 * Makes text from outside safe to show as it is: no markup, no control characters but line feeds, whole characters only, cut
 * at a word when it is too long.
 */
export function plainText(text: string, maxLength: number): string {
  const plain = text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/<[^<>]*>/g, "")
    .replaceAll(/[<>]/g, "")
    .replaceAll(/[^\P{Cc}\n]|\p{Cs}|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, "")
    .replaceAll(/\*\*|__|`+|^#{1,6}\s+/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
  if (plain.length <= maxLength) return plain;
  const room = plain.slice(0, maxLength - 1);
  const wordEnd = room.search(/\s\S*$/);
  const cut = wordEnd > maxLength / 2 ? room.slice(0, wordEnd) : room.replace(/[\ud800-\udbff]$/, "");
  return `${cut.trimEnd()}…`;
}
