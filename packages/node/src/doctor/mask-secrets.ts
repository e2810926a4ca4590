import { homedir } from "node:os";

const secretName = /TOKEN|KEY|SECRET|PASSWORD|PASSWD|CREDENTIAL|AUTH/i;

/** Makes a text fit to be shown to strangers: no home folder, no credentials and no query in addresses. */
export function maskText(text: string, home: string = homedir()): string {
  const withoutHome = home.length > 1 ? text.replaceAll(home, "~") : text;
  return withoutHome
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*(?:\/[^\s/@]*)?@/gi, "$1***@")
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?]+)\?\S+/gi, "$1?***");
}

/** As `maskText`; of what is secret by its name only that it is there. */
export function maskVariable(name: string, value: string, home?: string): string {
  return secretName.test(name) ? "(set, not shown)" : maskText(maskBareCredentials(value), home);
}

/** `user:password@proxy:3128`, which proxies are also given as. */
function maskBareCredentials(value: string): string {
  return value.replace(/^[^\s/@]+:[^\s/@]*@/, "***@");
}

/** Masks every text inside a value made of plain objects and arrays. */
export function maskDeeply<Value>(value: Value, home?: string): Value {
  const mask = (part: unknown): unknown => {
    if (typeof part === "string") return maskText(part, home);
    if (Array.isArray(part)) return part.map(mask);
    if (typeof part === "object" && part !== null) {
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, mask(inner)]));
    }
    return part;
  };
  return mask(value) as Value;
}
