/** Longer names are cut: a name is a word or two. */
const MOST_NAME_CHARACTERS = 40;

/** A name as it may stand in a sentence: on one line, of a sensible length. Undefined when nothing is left of it. */
export function plainName(name: string | undefined): string | undefined {
  const plain = (name ?? "").replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  const characters = [...plain];
  if (characters.length === 0) return undefined;
  return characters.length <= MOST_NAME_CHARACTERS
    ? plain
    : `${characters
        .slice(0, MOST_NAME_CHARACTERS - 1)
        .join("")
        .trimEnd()}…`;
}

/** Different names that a list of them tells. */
const MOST_NAMES_LISTED = 12;

/**
 * What each object is called in a text: its name, with a number where several share it; `object 1`, `object 2`, … for those
 * without. In the order given.
 */
export function objectTitles(names: readonly (string | undefined)[]): string[] {
  const plain = names.map((name) => plainName(name) ?? "object");
  const counts = countsOf(plain);
  const seen = new Map<string, number>();
  return plain.map((name) => {
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return counts.get(name)! > 1 ? `${name} ${number}` : name;
  });
}

/** How many there are of each name, in the order of their first appearance: `cat, 2 × mug, 3 × without a name`. */
export function namesPhrase(names: readonly (string | undefined)[]): string {
  const plain = names.map((name) => plainName(name) ?? "");
  const named = [...countsOf(plain.filter((name) => name !== ""))].map(([name, count]) =>
    count === 1 ? name : `${count} × ${name}`,
  );
  const nameless = plain.filter((name) => name === "").length;
  if (named.length === 0) return "";
  const unlisted = named.splice(MOST_NAMES_LISTED).length;
  if (unlisted > 0) named.push(`${unlisted} other ${unlisted === 1 ? "name" : "names"}`);
  if (nameless > 0) named.push(`${nameless} without a name`);
  return named.join(", ");
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
