import type { ImageSize } from "../../image/rgba-image.js";
import { RunBuilder } from "../../mask/run-builder.js";
import type { Runs } from "../../mask/runs.js";

/** Collects the runs of many labels that exclude each other, in one pass over the picture. */
export class LabelRuns {
  readonly #pixels: number;
  readonly #builders: RunBuilder[] = [];
  #current = -1;

  constructor({ width, height }: ImageSize) {
    this.#pixels = width * height;
  }

  change(label: number, index: number): void {
    if (label === this.#current) return;
    if (this.#current >= 0) this.#builders[this.#current]!.toggle(index);
    this.#builders[label] ??= new RunBuilder();
    this.#builders[label].toggle(index);
    this.#current = label;
  }

  close(index: number): void {
    if (this.#current >= 0) this.#builders[this.#current]!.toggle(index);
    this.#current = -1;
  }

  finish(labels: number): (Runs | undefined)[] {
    return Array.from({ length: labels }, (_, label) => this.#builders[label]?.finish(this.#pixels));
  }
}
