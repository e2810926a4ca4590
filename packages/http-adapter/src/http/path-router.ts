/** Finds what lies at a path. Paths are in the form of OpenAPI: `/session/{session_id}`. */
export class PathRouter<T> {
  readonly #fixed = new Map<string, T>();
  readonly #patterns: { readonly pattern: RegExp; readonly names: readonly string[]; readonly value: T }[] =
    [];

  /** @param entries - Where several patterns fit, the first of them is taken; a path without values comes before them all. */
  constructor(entries: Iterable<readonly [path: string, value: T]>) {
    for (const [path, value] of entries) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      if (names.length === 0) this.#fixed.set(path, value);
      else this.#patterns.push({ pattern: patternOf(path), names, value });
    }
  }

  /** @param path - As it was sent: its values are decoded here. */
  find(path: string): { readonly value: T; readonly params: Readonly<Record<string, string>> } | undefined {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined) return { value: fixed, params: {} };
    for (const { pattern, names, value } of this.#patterns) {
      const found = pattern.exec(path);
      if (!found) continue;
      const params = names.map((name, index) => [name, decoded(found[index + 1]!)] as const);
      return { value, params: Object.fromEntries(params) };
    }
    return undefined;
  }
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^$()[\]{}|\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("([^/]+)")}$`);
}

/** What is no percent-encoding stands for itself; no value of ours looks so, and it leads nowhere. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
