import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MaskeryError } from "../errors.js";
import { Mask } from "../mask/mask.js";
import { blendModes } from "./blend-modes.js";
import { paint } from "./paint.js";
import type { PaintLayer } from "./paint-layer.js";
import { applyRecipe, layersFromRecipe, recipeFromLayers } from "./recipe.js";
import { parseRecipe } from "./recipe-schema.js";
import { flatImage, randomImage, randomMaskOfSize } from "./test-support.js";

const [width, height] = [21, 14];
const tile = randomImage(5, 3, 2);

const fill = fc.oneof(
  fc.constantFrom("#c0392b", "rgb(1 2 3 / 50%)", "teal").map((color) => ({ color })),
  fc.constant({
    gradient: {
      type: "linear",
      angle: 33,
      stops: [
        { at: 0, color: "red" },
        { at: 1, color: "#00f8" },
      ],
    } as const,
  }),
  fc.constant({
    gradient: { type: "radial", center: { x: 0.2, y: 1 }, stops: [{ at: 0.5, color: "lime" }] } as const,
  }),
  fc.constant({ pattern: { image: tile, scale: 2, offset: { x: 1, y: -3 } } }),
);
const settings = fc.record(
  {
    opacity: fc.double({ min: 0, max: 1, noNaN: true }),
    blend: fc.constantFrom(...blendModes),
    feather: fc.constantFrom(0, 0.5, 2),
    keepShading: fc.oneof(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true })),
  },
  { requiredKeys: [] },
);
const layers: fc.Arbitrary<PaintLayer[]> = fc.array(
  fc
    .tuple(fill, settings, fc.nat(1000))
    .map(
      ([paintOf, how, seed]) =>
        ({ ...how, ...paintOf, mask: randomMaskOfSize(seed, width, height) }) as PaintLayer,
    ),
  { maxLength: 4 },
);

describe("recipes", () => {
  it("paint the same bytes after a trip through JSON, masks inline or by id", async () => {
    await fc.assert(
      fc.asyncProperty(layers, fc.boolean(), async (list, byId) => {
        const image = randomImage(9, width, height);
        const masks = new Map<string, Mask>();
        const recipe = recipeFromLayers(list, {
          imageReference: () => "tile",
          ...(byId && {
            maskId: (mask: Mask, index: number) => {
              masks.set(`mask ${index}`, mask);
              return `mask ${index}`;
            },
          }),
        });
        const received: unknown = JSON.parse(JSON.stringify(recipe));
        expect(received).toEqual(recipe);
        const result = await applyRecipe(image, received, {
          resolveMask: async (id) => masks.get(id),
          resolveImage: (reference) => (reference === "tile" ? tile : undefined),
        });
        expect(result.data).toEqual(paint(image, list).data);
      }),
      { numRuns: 60 },
    );
  });

  it("have a fixed form", () => {
    const layer: PaintLayer = {
      mask: Mask.full(2, 1),
      color: "#C0392B",
      opacity: 0.5,
      blend: undefined,
      feather: undefined,
    };
    expect(recipeFromLayers([layer])).toEqual({
      version: 1,
      layers: [{ mask: { size: [1, 2], counts: "02" }, color: "#C0392B", opacity: 0.5 }],
    });
  });

  const mask = { size: [1, 1], counts: "01" };
  it.each<[unknown, string]>([
    [undefined, "recipe"],
    [{ layers: [] }, "recipe.version"],
    [{ version: 2, layers: [], glitter: true }, "recipe.version"],
    [{ version: 0, layers: [] }, "recipe.version"],
    [{ version: 1 }, "recipe.layers"],
    [{ version: 1, layers: [], author: "me" }, "recipe.author"],
    [{ version: 1, layers: [{ color: "red" }] }, "recipe.layers[0].mask"],
    [{ version: 1, layers: [{ mask, color: "rred" }] }, "recipe.layers[0].color"],
    [{ version: 1, layers: [{ mask, color: "red", opacity: 2 }] }, "recipe.layers[0].opacity"],
    [{ version: 1, layers: [{ mask, color: "red", blend: "plus" }] }, "recipe.layers[0].blend"],
    [{ version: 1, layers: [{ mask, color: "red", shine: 1 }] }, "recipe.layers[0].shine"],
    [{ version: 1, layers: [{ mask }] }, "recipe.layers[0]"],
    [{ version: 1, layers: [{ mask, color: "red", pattern: { image: "a" } }] }, "recipe.layers[0]"],
    [
      { version: 1, layers: [{ mask, gradient: { type: "linear", stops: [] } }] },
      "recipe.layers[0].gradient.stops",
    ],
    [
      { version: 1, layers: [{ mask, gradient: { type: "conic", stops: [] } }] },
      "recipe.layers[0].gradient.type",
    ],
    [{ version: 1, layers: Array(300).fill({ mask, color: "red" }) }, "recipe.layers"],
  ])("refuses %#", (recipe, field) => {
    expect(() => parseRecipe(recipe)).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field }));
  });

  it("says that a recipe is newer", () => {
    expect(() => parseRecipe({ version: 7 })).toThrow(
      "recipe.version: expected 1, received 7: this recipe was made by a newer version of Maskery",
    );
  });

  it("names masks and pictures that are not there, broken or of another size", async () => {
    const image = flatImage(1, 1, [0, 0, 0, 255]);
    const withMask = (other: unknown) => ({ version: 1, layers: [{ mask: other, color: "red" }] });
    const patterned = { version: 1, layers: [{ mask, pattern: { image: "tiles" } }] };
    await expect(applyRecipe(image, withMask({ id: "a" }))).rejects.toMatchObject({
      code: "NOT_FOUND",
      field: "recipe.layers[0].mask.id",
    });
    await expect(applyRecipe(image, patterned)).rejects.toMatchObject({
      code: "NOT_FOUND",
      field: "recipe.layers[0].pattern.image",
    });
    await expect(applyRecipe(image, withMask({ size: [1, 1], counts: "~" }))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "recipe.layers[0].mask",
    });
    await expect(applyRecipe(image, withMask({ size: [2, 2], counts: "04" }))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "layers[0].mask",
    });
    const failing = applyRecipe(image, withMask({ id: "a" }), {
      resolveMask: () => Promise.reject(new MaskeryError("STORAGE_FAILED", "disk")),
    });
    await expect(failing).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    expect(await layersFromRecipe(withMask(mask))).toHaveLength(1);
  });

  it("refuse to lose a soft edge or a picture", () => {
    const soft = Mask.full(1, 1).with({ alpha: { width: 1, height: 1, gray: Uint8Array.of(200) } });
    expect(() => recipeFromLayers([{ mask: soft, color: "red" }])).toThrow(
      expect.objectContaining({ field: "layers[0].mask" }),
    );
    expect(recipeFromLayers([{ mask: soft, color: "red" }], { maskId: () => "m" }).layers[0]!.mask).toEqual({
      id: "m",
    });
    expect(() => recipeFromLayers([{ mask: Mask.full(1, 1), pattern: { image: tile } }])).toThrow(
      expect.objectContaining({ field: "layers[0].pattern.image" }),
    );
  });
});
