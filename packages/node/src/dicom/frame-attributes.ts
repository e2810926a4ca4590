import type { DataSet } from "dicom-parser";

const sharedGroups = "x52009229";
const perFrameGroups = "x52009230";

/**
 * Elements that belong to one frame: in enhanced multi-frame files they lie in a functional group of the frame, or in
 * one that all frames share; elsewhere in the data set itself (DICOM PS3.3 C.7.6.16).
 */
export class FrameAttributes {
  readonly #dataSet: DataSet;
  readonly #frame: number;

  constructor(dataSet: DataSet, frame: number) {
    this.#dataSet = dataSet;
    this.#frame = frame;
  }

  /** Decimal values; undefined when the element is missing or holds something else. */
  numbers(group: string, tag: string): readonly number[] | undefined {
    const owner = this.#owner(group, tag);
    const count = owner?.numStringValues(tag) ?? 0;
    const values = Array.from({ length: count }, (_, index) => owner?.floatString(tag, index));
    return count > 0 && values.every((value) => Number.isFinite(value)) ? (values as number[]) : undefined;
  }

  text(group: string, tag: string): string | undefined {
    return this.#owner(group, tag)?.string(tag);
  }

  #owner(group: string, tag: string): DataSet | undefined {
    const places = [
      this.#dataSet.elements[perFrameGroups]?.items?.[this.#frame]?.dataSet,
      this.#dataSet.elements[sharedGroups]?.items?.[0]?.dataSet,
    ].map((groups) => groups?.elements[group]?.items?.[0]?.dataSet);
    return [...places, this.#dataSet].find((place) => place?.elements[tag] !== undefined);
  }
}
