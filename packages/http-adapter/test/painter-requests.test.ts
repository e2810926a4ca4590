import { createMemoryObjectStore } from "@maskery/http-adapter";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { painterApi } from "../src/apis/painter/painter-api.js";
import { type ApiServer, serveApi } from "./support/api-server.js";
import type { Caller } from "./support/caller.js";
import { photo } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

interface Member {
  readonly default?: unknown;
  readonly description?: string;
}

const width = 64;
const height = 48;

let watched: WatchedSegmenter;
let server: ApiServer;
let caller: Caller;
let picture: Uint8Array;
let session_id: string;
/** White on the left half. */
let leftHalf: string;
const uploads = createMemoryObjectStore();
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  server = await serveApi(watched, { stores: { uploads } });
  ({ caller } = server);
  picture = await photo(width, height, "png");
  ({ session_id } = await caller.json(send(picture, "cup.png")));
  leftHalf = (
    await sharp({ create: { width, height, channels: 3, background: "#000" } })
      .composite([
        { input: { create: { width: width / 2, height, channels: 3, background: "#fff" } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer()
  ).toString("base64");
});
afterAll(async () => {
  await server.close();
  await watched.segmenter.dispose();
});

function send(bytes: Uint8Array, name: string, type = "", to = caller): Promise<Response> {
  return to.upload("/upload", new Blob([new Uint8Array(bytes)], { type }), name);
}

describe("File Validation", () => {
  for (const [name, shown] of [
    ["bürö 🏠🏽 图片.png", "bürö 🏠🏽 图片.png"],
    // As macOS writes it, in two characters.
    ["u\u0308ber.png", "über.png"],
    ["हिन्दी चित्र.jpeg", "हिन्दी चित्र.jpeg"],
    ["../../../etc/cup.png", "cup.png"],
    ["C:\\pictures\\cup.png", "cup.png"],
    ["..", "image.png"],
    [".htaccess.png", "htaccess.png"],
    ["a&b<c>.png", "a_b_c_.png"],
    ["noending", "noending"],
    ["IMG_2024.12.24", "IMG_2024.12.24"],
    ["SCAN.TIF", "SCAN.TIF"],
  ] as const)
    it(`shows the name ${JSON.stringify(name)} as ${JSON.stringify(shown)}`, async () => {
      const answer = await caller.json(send(picture, name));
      expect(answer.filename).toBe(shown);
      const { file_path, filename } = await caller.getJson(`/session/${answer.session_id}?include=`);
      expect(filename).toBe(shown);
      // The client's name is never a path.
      expect(file_path).toMatch(/^uploads\/painter\/[0-9a-f-]{36}\.png$/);
    });

  it("keeps the end of a name of 300 characters, by whole characters", async () => {
    const { filename } = await caller.json(send(picture, `${"😀".repeat(300)}.png`));
    expect([...filename]).toHaveLength(120);
    expect(filename.endsWith("😀.png")).toBe(true);
    expect(filename.isWellFormed?.() ?? !/[\uD800-\uDFFF]/u.test(filename)).toBe(true);
  });

  for (const [name, type] of [
    ["shell.php", "image/png"],
    ["page.html", ""],
    ["photo.png.exe", ""],
    ["photo.webp", ""],
    ["photo.png", "text/html"],
    ["photo.png", "application/pdf"],
  ] as const)
    it(`refuses a picture that comes as ${name}, ${type || "without a type"}, and keeps nothing`, async () => {
      const before = (await uploads.list("")).length;
      const refused = await send(picture, name, type);
      expect(refused.status).toBe(415);
      expect(await refused.json()).toMatchObject({ code: "UNSUPPORTED_FORMAT", field: "file" });
      expect(await uploads.list("")).toHaveLength(before);
    });

  it("refuses a name with a NUL", async () => {
    expect((await send(picture, "a\0.png")).status).toBe(400);
  });

  it("takes a file of exactly the bound, and none of one byte more", async () => {
    const maxFileBytes = 20_000;
    const bounded = await serveApi(watched, { limits: { maxFileBytes } });
    try {
      const jpeg = await photo(width, height, "jpeg");
      // What follows a JPEG's end belongs to no picture.
      const of = (length: number) => Buffer.concat([jpeg, Buffer.alloc(length - jpeg.length)]);
      expect((await bounded.caller.json(send(of(maxFileBytes), "a.jpg", "", bounded.caller))).file_size).toBe(
        maxFileBytes,
      );
      expect((await send(of(maxFileBytes + 1), "a.jpg", "", bounded.caller)).status).toBe(413);
    } finally {
      await bounded.close();
    }
  });
});

describe("members that a client leaves out", () => {
  const left = { x: 10, y: 10 };
  for (const [path, request, absent] of [
    ["/segment", { points: [left] }, ["box", "boxes", "mask", "mask_id", "multimask_output"]],
    ["/segment", { points: [{ ...left, label: null }] }, []],
    ["/generate-masks", { points_per_side: 2 }, ["image_hash", "pred_iou_thresh", "stability_score_thresh"]],
    ["/generate-masks-cached", { points_per_side: 2 }, ["crop_n_layers", "use_m2m", "points_per_batch"]],
    ["/get-mask-at-point-instant", { point: [1, 1] }, ["image_hash", "all_masks"]],
    ["/generate-mask-at-point-cached", { point: [1, 1] }, ["image_hash"]],
    ["/get-embedding", {}, ["image_hash"]],
    ["/download-image", {}, ["format", "quality"]],
  ] as const)
    it(`${path}: null says the same for ${absent.join(", ") || "a point's label"}`, async () => {
      const nulls = Object.fromEntries(absent.map((name) => [name, null]));
      const answer = await caller.post(path, { session_id, ...request, ...nulls });
      expect(answer.status, await answer.clone().text()).toBe(200);
    });

  it("paint: null says the same for all but colour and mask; unknown members change nothing", async () => {
    const paint = { session_id, mask: leftHalf, color: "#FF0000" };
    const plain = await caller.postJson("/paint-mask", paint);
    const absent = { mask_id: null, opacity: null, blend: null, keep_shading: null };
    expect((await caller.postJson("/paint-mask", { ...paint, ...absent })).image).toBe(plain.image);
    expect((await caller.postJson("/paint-mask", { ...paint, later: { is: "now" } })).image).toBe(
      plain.image,
    );
    const combined = await caller.postJson("/combine-masks", {
      session_id,
      mask_ids: null,
      masks: [leftHalf],
      operation: null,
    });
    expect(combined.area).toBe((width * height) / 2);
  });

  it("a session is nothing that may be left out", async () => {
    expect((await caller.post("/get-embedding", { session_id: null })).status).toBe(400);
  });
});

describe("the description", () => {
  it("says what is taken for a member that is left out, and that it may be null", () => {
    const membersOf = (path: string) => {
      const operation = server.api.openapi.paths?.[path]?.post as unknown as {
        requestBody: {
          content: Record<string, { schema: { properties: Record<string, Member>; required: string[] } }>;
        };
      };
      return operation.requestBody.content["application/json"]!.schema;
    };
    const { properties, required } = membersOf("/download-painted-image");
    expect(required).toEqual(["session_id", "color"]);
    const defaults = Object.entries(properties).map(([name, { default: value }]) => [name, value]);
    expect(Object.fromEntries(defaults)).toMatchObject({
      opacity: 0.7,
      blend: "normal",
      keep_shading: false,
      quality: 95,
    });
    expect(properties["format"]!.description).toContain("default");
    expect(JSON.stringify(properties["opacity"])).toContain('"null"');
    const generate = membersOf("/generate-masks").properties;
    expect(generate["points_per_side"]!.default).toBe(32);
    expect(generate["pred_iou_thresh"]!.description).toContain("0.88");
    expect(generate["stability_score_thresh"]!.description).toContain("0.95");
  });
});

describe("refusals name the member of the request", () => {
  for (const [path, request, field] of [
    [
      "/segment",
      {
        points: [
          { x: 1, y: 1 },
          { x: 1, y: 48 },
        ],
      },
      "points[1].y",
    ],
    [
      "/segment",
      {
        points: [{ x: 1, y: 1 }],
        boxes: [
          [1, 1, 9, 9],
          [70, 1, 80, 9],
        ],
      },
      "boxes[1]",
    ],
    ["/segment", { boxes: [[70, 1, 80, 9]] }, "boxes[0]"],
    ["/segment", { box: [70, 1, 80, 9] }, "box"],
    ["/segment", { box: [9, 1, 1, 9] }, "box"],
    ["/get-mask-at-point-instant", { point: [64, 1] }, "point[0]"],
    ["/generate-mask-at-point-cached", { point: [1, -1] }, "point[1]"],
    ["/paint-mask", { mask: "?", color: "red" }, "mask"],
    ["/paint-mask", { color: "red" }, "mask_id"],
  ] as const)
    it(`${path}: ${field}`, async () => {
      const refused = await caller.post(path, { session_id, ...request });
      expect(refused.status).toBe(400);
      const problem = (await refused.json()) as { field: string; detail: string };
      expect(problem.field).toBe(field);
      expect(problem.detail.startsWith(`${field}: `)).toBe(true);
    });
});

describe("paint", () => {
  const pixelsOf = async (image: string) =>
    sharp(Buffer.from(image, "base64")).removeAlpha().raw().toBuffer();
  const at = (pixels: Buffer, x: number, y: number) => [
    ...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
  ];
  const painted = async (more: object) =>
    pixelsOf(
      (await caller.postJson("/paint-mask", { session_id, mask: leftHalf, color: "#FF0000", ...more })).image,
    );

  it("is seven tenths strong unless the request says otherwise, and normal", async () => {
    const original = await sharp(picture).removeAlpha().raw().toBuffer();
    for (const [more, strength] of [
      [{}, 0.7],
      [{ opacity: 0.25 }, 0.25],
      [{ opacity: 0 }, 0],
      [{ opacity: 1 }, 1],
    ] as const) {
      const pixels = await painted(more);
      for (const [index, color] of [255, 0, 0].entries()) {
        const expected = strength * color + (1 - strength) * at(original, 8, 20)[index]!;
        expect(Math.abs(at(pixels, 8, 20)[index]! - expected)).toBeLessThanOrEqual(1);
      }
      expect(at(pixels, 50, 20)).toEqual(at(original, 50, 20));
    }
    const multiplied = await painted({ opacity: 1, blend: "multiply" });
    expect(at(multiplied, 8, 20)).toEqual([at(original, 8, 20)[0], 0, 0]);
    expect(
      (await caller.post("/paint-mask", { session_id, mask: leftHalf, color: "red", blend: "shine" })).status,
    ).toBe(400);
  });

  it("takes colours as CSS writes them, and refuses others by name", async () => {
    const red = await painted({ opacity: 1 });
    for (const color of [
      "#f00",
      "#ff0000ff",
      "rgb(255, 0, 0)",
      "rgb(255 0 0 / 1)",
      "hsl(0 100% 50%)",
      " RED ",
    ])
      expect((await painted({ opacity: 1, color })).equals(red), color).toBe(true);
    for (const color of ["FF0000", "#GG0000", "", "transparent", "url(x)", "x".repeat(65), 16711680, null])
      for (const [path, body, field] of [
        ["/paint-mask", { mask: leftHalf, color }, "color"],
        [
          "/paint-multiple-masks",
          {
            masks: [
              { mask: leftHalf, color: "red" },
              { mask: leftHalf, color },
            ],
          },
          "masks[1].color",
        ],
        ["/download-painted-image", { mask: leftHalf, color }, "color"],
      ] as const) {
        const refused = await caller.post(path, { session_id, ...body });
        expect(refused.status, String(color)).toBe(400);
        expect(await refused.json()).toMatchObject({ field });
      }
  });
});

describe("Download Formats", () => {
  const download = async (request: object) => {
    const { filename, ...answer } = await caller.postJson("/download-image", { session_id, ...request });
    const file = await caller.fetch("GET", `/download-file/${filename}`);
    return { answer, file, bytes: Buffer.from(await file.arrayBuffer()) };
  };

  it("JPG with a quality of 1 to 100, by default 95; PNG without loss", async () => {
    const sizes: number[] = [];
    for (const quality of [1, 50, undefined, 100])
      sizes.push((await download({ format: "JPG", quality })).bytes.length);
    expect(sizes).toEqual([...sizes].sort((first, second) => first - second));
    expect(new Set(sizes).size).toBe(4);
    expect(
      (await download({ format: "JPG" })).bytes.equals(
        (await download({ format: "JPG", quality: 95 })).bytes,
      ),
    ).toBe(true);
    const original = await sharp(picture).removeAlpha().raw().toBuffer();
    const { bytes, file } = await download({ format: "PNG", quality: 1 });
    expect((await sharp(bytes).removeAlpha().raw().toBuffer()).equals(original)).toBe(true);
    expect(file.headers.get("content-type")).toBe("image/png");
    for (const quality of [0, 101, -5, 90.5, "90", "best"])
      expect((await caller.post("/download-image", { session_id, format: "JPG", quality })).status).toBe(400);
  });

  it("as the client writes them: jpg, JPEG, png, by default PNG", async () => {
    for (const [format, shown] of [
      ["jpg", "JPG"],
      ["JPEG", "JPG"],
      ["jpeg", "JPG"],
      ["png", "PNG"],
      [undefined, "PNG"],
    ] as const)
      expect((await download({ format })).answer.format).toBe(shown);
    for (const format of ["GIF", "WEBP", "", 1])
      expect((await caller.post("/download-image", { session_id, format })).status).toBe(400);
  });

  it("a transparent picture stays so as PNG, and has no black ground as JPG", async () => {
    const clear = await sharp({
      create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const own = await caller.json(send(clear, "clear.png"));
    const pixels = async (format: string) => {
      const { filename } = await caller.postJson("/download-image", { session_id: own.session_id, format });
      const file = await (await caller.fetch("GET", `/download-file/${filename}`)).arrayBuffer();
      return [...(await sharp(file).raw().toBuffer()).subarray(0, 4)];
    };
    expect((await pixels("PNG"))[3]).toBe(0);
    expect((await pixels("JPG")).slice(0, 3)).toEqual([255, 255, 255]);
  });
});

describe("Timeouts", () => {
  const documented: Readonly<Record<string, number>> = {
    "/upload": 60_000,
    "/segment": 60_000,
    "/generate-mask-at-point-cached": 60_000,
    "/get-embedding": 60_000,
    "/generate-masks": 120_000,
    "/generate-masks-advanced": 120_000,
    "/generate-masks-cached": 120_000,
    "/combine-masks": 60_000,
    "/paint-mask": 60_000,
    "/paint-multiple-masks": 60_000,
    "/download-image": 30_000,
    "/download-painted-image": 30_000,
    "/download-file/{filename}": 30_000,
  };
  for (const [path, timeoutMs] of Object.entries(documented))
    it(`${path} gets ${timeoutMs / 1000} seconds`, () => {
      const routes = painterApi().routes.filter((route) => route.path === path);
      expect(routes.map((route) => route.timeoutMs)).toEqual([timeoutMs]);
    });
});
