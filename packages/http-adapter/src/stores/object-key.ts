import { invalidInput } from "@maskery/core";

const MAX_KEY_LENGTH = 200;
const part = /^(?!\.)[A-Za-z0-9._-]+$/;

/** @throws MaskeryError `INVALID_INPUT` for a key that could name anything but an object of its store. */
export function checkObjectKey(key: string): string {
  if (
    typeof key === "string" &&
    key.length <= MAX_KEY_LENGTH &&
    key.split("/").every((name) => part.test(name))
  )
    return key;
  throw invalidInput(
    "key",
    "letters, digits, '.', '_' and '-', in parts separated by '/', none of which begins with '.'",
    key,
  );
}

/** @throws MaskeryError `INVALID_INPUT` for an id or a name that is more than one part of a path. */
export function checkKeyPart(name: string, field: string): string {
  if (typeof name === "string" && name.length <= MAX_KEY_LENGTH && part.test(name)) return name;
  throw invalidInput(field, "letters, digits, '.', '_' and '-', not beginning with '.'", name);
}
