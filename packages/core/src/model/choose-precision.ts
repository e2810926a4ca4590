import { invalidInput } from "../errors.js";
import type { GraphFile } from "./model-files.js";
import { type Precision, type PrecisionChoice, precisions } from "./precision.js";

/** What choosing needs to know of a model, of whatever task. */
export interface ModelGraphs {
  readonly id: string;
  readonly files: Readonly<Record<string, GraphFile>>;
  readonly precision?: Readonly<Record<string, Precision>> | undefined;
  readonly variants?:
    | { readonly [Name in Precision]?: Readonly<Record<string, GraphFile | undefined>> | undefined }
    | undefined;
  readonly unreliable?: Readonly<Record<string, readonly Precision[] | undefined>> | undefined;
}

export interface ChoosePrecisionOptions {
  /** Whether the device that the graphs are meant for is faster in half precision, as a runtime's `chooseDevice` tells. */
  readonly prefersHalfPrecision?: boolean;
}

/**
 * Best first for a CPU: it calculates in fp32 and gains nothing from fp16 but the smaller file, and some fp16 graphs do not
 * load there at all.
 */
const orderOnCpu: readonly Precision[] = ["fp32", "q8", "uint8", "int8", "fp16", "q4", "bnb4", "q4f16"];

/** Best first elsewhere: half the memory and at least the speed of fp32. */
const orderOnGpu: readonly Precision[] = ["fp16", "fp32", "q8", "uint8", "int8", "q4f16", "q4", "bnb4"];

/**
 * Decoders are small, so fp32 costs little, and it is their fp16 that breaks: the fp16 decoders of SAM2 were reported to
 * give unusable masks (huggingface/transformers.js).
 */
const smallParts: ReadonlySet<string> = new Set(["decoder"]);

/** The precisions in which a model has one of its parts. */
export function availablePrecisions(model: ModelGraphs, part: string): Precision[] {
  return precisions.filter((precision) => fileOf(model, part, precision) !== undefined);
}

/**
 * Settles which files of a model are used.
 * @param choice - `"auto"` (default): what suits the device, without what was reported to break. A precision by name: every
 * part in it that has it and does not break in it, the others as `"auto"` decides. A precision for each part, such as
 * `{ encoder: "fp16", decoder: "fp16" }`: exactly that.
 * @returns The model with `files` and `precision` as chosen.
 * @throws MaskeryError `INVALID_INPUT` naming what the model has.
 */
export function choosePrecision<Model extends ModelGraphs>(
  model: Model,
  choice: PrecisionChoice = "auto",
  options: ChoosePrecisionOptions = {},
): Model {
  checkChoice(model, choice);
  const chosen = new Map<string, Precision>();
  for (const part of Object.keys(model.files)) {
    const wished = typeof choice === "string" ? fittingWord(model, part, choice) : choice[part];
    chosen.set(part, wished ?? automatic(model, part, options.prefersHalfPrecision ?? false));
  }
  if (typeof choice === "string" && choice !== "auto" && ![...chosen.values()].includes(choice)) {
    throw invalidInput("precision", `one of what ${model.id} has: ${describe(model)}`, choice);
  }
  return {
    ...model,
    files: Object.fromEntries(
      [...chosen].map(([part, precision]) => [part, fileOf(model, part, precision)!]),
    ) as Model["files"],
    precision: Object.fromEntries(chosen),
    // What was the default before must stay reachable.
    variants: withDefaultFiles(model),
  };
}

function checkChoice(model: ModelGraphs, choice: PrecisionChoice): void {
  const expected = `"auto", ${precisions.join(", ")}, or one of them for each of ${Object.keys(model.files).join(", ")}`;
  const known: readonly unknown[] = precisions;
  if (typeof choice === "string") {
    if (choice !== "auto" && !known.includes(choice)) throw invalidInput("precision", expected, choice);
    return;
  }
  if (typeof choice !== "object" || choice === null) throw invalidInput("precision", expected, choice);
  for (const [part, precision] of Object.entries(choice)) {
    if (!Object.hasOwn(model.files, part)) throw invalidInput(`precision.${part}`, expected, precision);
    if (precision === undefined || fileOf(model, part, precision)) continue;
    const available = availablePrecisions(model, part).join(", ");
    throw invalidInput(`precision.${part}`, `one of what ${model.id} has: ${available}`, precision);
  }
}

function fittingWord(model: ModelGraphs, part: string, word: Precision | "auto"): Precision | undefined {
  if (word === "auto" || !fileOf(model, part, word) || model.unreliable?.[part]?.includes(word))
    return undefined;
  return word;
}

function automatic(model: ModelGraphs, part: string, halfPrecision: boolean): Precision {
  const order = halfPrecision && !smallParts.has(part) ? orderOnGpu : orderOnCpu;
  const available = order.filter((precision) => fileOf(model, part, precision));
  return available.find((precision) => !model.unreliable?.[part]?.includes(precision)) ?? available[0]!;
}

/** Files whose precision is not stated are taken for fp32. */
function defaultPrecision(model: ModelGraphs, part: string): Precision {
  return model.precision?.[part] ?? "fp32";
}

function fileOf(model: ModelGraphs, part: string, precision: Precision): GraphFile | undefined {
  return defaultPrecision(model, part) === precision
    ? model.files[part]
    : model.variants?.[precision]?.[part];
}

function withDefaultFiles(model: ModelGraphs): ModelGraphs["variants"] {
  const variants: { [Name in Precision]?: Readonly<Record<string, GraphFile | undefined>> | undefined } = {
    ...model.variants,
  };
  for (const [part, file] of Object.entries(model.files)) {
    const precision = defaultPrecision(model, part);
    variants[precision] = { ...variants[precision], [part]: file };
  }
  return variants;
}

function describe(model: ModelGraphs): string {
  return Object.keys(model.files)
    .map((part) => {
      const reliable = availablePrecisions(model, part).filter(
        (precision) => !model.unreliable?.[part]?.includes(precision),
      );
      const broken = model.unreliable?.[part]?.filter((precision) => fileOf(model, part, precision)) ?? [];
      const warning = broken.length === 0 ? "" : ` (and, only by name of the part, ${broken.join(", ")})`;
      return `${part} ${reliable.join(", ")}${warning}`;
    })
    .join("; ");
}
