import { MaskeryError } from "@maskery/core";

const loading = new Map<string, Promise<unknown>>();

/**
 * Loads an optional package at its first use. A failed load is forgotten, so that it can be repaired.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` that says what to install.
 */
export function loadOptional<T>(packageName: string, load: () => Promise<T>): Promise<T> {
  let found = loading.get(packageName) as Promise<T> | undefined;
  if (!found) {
    found = load().catch((cause: unknown) => {
      loading.delete(packageName);
      throw new MaskeryError(
        "UNSUPPORTED_FORMAT",
        `image: this DICOM file is read with the package ${packageName}, which could not be loaded: npm install ${packageName}`,
        { field: "image", cause },
      );
    });
    loading.set(packageName, found);
  }
  return found;
}
