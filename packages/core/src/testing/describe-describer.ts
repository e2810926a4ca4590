import { describe, expect } from "vitest";
import type { DescribedMask, Describer } from "../describe/describer.js";
import type { RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import { type ContractSuiteOptions, countingSignal, dutyTests, expectRejection } from "./contract-suite.js";

export type DescriberDuty =
  | "identity"
  | "text"
  | "no-masks"
  | "many-masks"
  | "strange-names"
  | "overlap"
  | "untouched"
  | "input-checks"
  | "abort"
  | "failures-stay-alone";

/** Control characters, which would break a line or a terminal (a line feed is fine), and halves of surrogate pairs. */
const improperCharacters = /[^\P{Cc}\n]|\p{Cs}/u;

/**
 * The duties of a {@link Describer}. Texts are judged by form, not by wording: a language model words each answer anew.
 * @param factory - Makes a describer for each test.
 */
export function describeDescriber(
  name: string,
  factory: () => Describer | Promise<Describer>,
  { knownGaps }: ContractSuiteOptions<DescriberDuty> = {},
): void {
  const duty = dutyTests<DescriberDuty>(knownGaps);

  const expectProperText = (describer: Describer, { text, source }: { text: string; source: string }) => {
    expect(source).toBe(describer.name);
    expect(text.trim()).not.toBe("");
    expect(text.length).toBeLessThanOrEqual(describer.abilities.maxTextLength);
    expect(text).not.toMatch(improperCharacters);
  };

  describe(`Describer contract: ${name}`, () => {
    duty("identity", "names itself, its version of the contract and its abilities", async () => {
      const describer = await factory();
      expect(describer.contractVersion).toBe(1);
      expect(describer.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(typeof describer.abilities.network).toBe("boolean");
      expect(describer.abilities.maxTextLength).toBeGreaterThan(0);
    });

    duty("identity", "has the same id when it is made the same way again", async () => {
      const [one, two] = [await factory(), await factory()];
      expect(one.id).not.toBe("");
      expect(two.id).toBe(one.id);
    });

    duty("text", "gives plain text for named and nameless masks", async () => {
      const describer = await factory();
      expectProperText(describer, await describer.describe(scene, sceneMasks));
    });

    duty("no-masks", "describes a picture without masks, and an empty mask", async () => {
      const describer = await factory();
      expectProperText(describer, await describer.describe(scene, []));
      const empty = { mask: Mask.empty(scene.width, scene.height), name: "nothing" };
      expectProperText(describer, await describer.describe(scene, [empty]));
    });

    duty("no-masks", "describes the smallest picture there is", async () => {
      const describer = await factory();
      const dot = { width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 0) };
      expectProperText(describer, await describer.describe(dot, [{ mask: Mask.full(1, 1) }]));
    });

    duty("many-masks", "stays within its length for hundreds of masks", async () => {
      const describer = await factory();
      const masks = Array.from({ length: 400 }, (_, index) => ({
        mask: rectangle(index % 60, Math.floor(index / 60), 3, 3),
        name: `a rather long name for number ${index}`,
      }));
      expectProperText(describer, await describer.describe(scene, masks));
    });

    duty("strange-names", "keeps names of any characters and any length in their place", async () => {
      const describer = await factory();
      const names = [
        "line\nbreak\u0007\u001b[31m",
        "x".repeat(100_000),
        "🧭".repeat(100),
        " ",
        "",
        "\ud800 half",
      ];
      const masks = names.map((each, index) => ({ mask: rectangle(index * 5, 5, 4, 4), name: each }));
      expectProperText(describer, await describer.describe(scene, masks));
    });

    duty("overlap", "answers several calls at a time, each its own question", async () => {
      const describer = await factory();
      const answers = await Promise.all([
        describer.describe(scene, sceneMasks),
        describer.describe(scene, []),
        describer.describe(scene, sceneMasks.slice(0, 1)),
      ]);
      for (const answer of answers) expectProperText(describer, answer);
    });

    duty("untouched", "leaves picture and masks as they are", async () => {
      const describer = await factory();
      const pixels = scene.data.slice();
      const runs = sceneMasks.map(({ mask }) => mask.runs.slice());
      await describer.describe(scene, sceneMasks);
      expect(scene.data).toEqual(pixels);
      expect(sceneMasks.map(({ mask }) => mask.runs)).toEqual(runs);
    });

    const wrongInputs: readonly (readonly [what: string, image: unknown, masks: unknown, field: string])[] = [
      ["masks of another size", scene, [{ mask: Mask.full(3, 3) }], "masks[0].mask"],
      ["something that is no mask", scene, [sceneMasks[0], { mask: {} }], "masks[1].mask"],
      ["no list", scene, sceneMasks[0], "masks"],
      ["a name that is no text", scene, [{ ...sceneMasks[0], name: 5 }], "masks[0].name"],
      ["too few pixels", { ...scene, data: new Uint8Array(4) }, [], "image.data"],
    ];
    for (const [what, image, masks, field] of wrongInputs) {
      duty("input-checks", `refuses ${what}`, async () => {
        const describer = await factory();
        const call = describer.describe(image as RgbaImage, masks as DescribedMask[]);
        expect((await expectRejection(call, "INVALID_INPUT")).field).toBe(field);
      });
    }

    duty("abort", "does not begin under a signal that fired", async () => {
      const describer = await factory();
      const call = describer.describe(scene, sceneMasks, { signal: AbortSignal.abort() });
      await expectRejection(call, "ABORTED");
    });

    duty("abort", "stops when the signal fires, and leaves no listener", async () => {
      const describer = await factory();
      const { controller, listeners } = countingSignal();
      const call = describer.describe(scene, sceneMasks, { signal: controller.signal });
      controller.abort();
      await expectRejection(call, "ABORTED");
      expect(listeners()).toBe(0);
    });

    duty("failures-stay-alone", "works on after a failed and an aborted call", async () => {
      const describer = await factory();
      await expectRejection(describer.describe(scene, [{ mask: Mask.full(2, 2) }]), "INVALID_INPUT");
      await expectRejection(describer.describe(scene, [], { signal: AbortSignal.abort() }), "ABORTED");
      expectProperText(describer, await describer.describe(scene, sceneMasks));
    });
  });
}

const WIDTH = 64;
const HEIGHT = 48;

function rectangle(left: number, top: number, width: number, height: number): Mask {
  const bitmap = new Uint8Array(WIDTH * HEIGHT);
  for (let y = top; y < Math.min(HEIGHT, top + height); y++)
    bitmap.fill(1, y * WIDTH + left, y * WIDTH + Math.min(WIDTH, left + width));
  return Mask.fromBitmap(bitmap, WIDTH, HEIGHT);
}

/** A red square on blue. */
const scene: RgbaImage = { width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT * 4) };
const square = rectangle(10, 10, 20, 20);
for (let y = 0; y < HEIGHT; y++)
  for (let x = 0; x < WIDTH; x++)
    scene.data.set(square.contains(x, y) ? [220, 20, 20, 255] : [20, 40, 200, 255], (y * WIDTH + x) * 4);

const sceneMasks: readonly DescribedMask[] = [
  { mask: square, name: "square" },
  { mask: rectangle(40, 30, 10, 10) },
  { mask: rectangle(0, 0, WIDTH, 5), name: "border" },
];
