import { z } from "zod";
import type { ModelFile } from "../backend/model-store.js";

/** A path below the model's folder, with `/` between its parts: never absolute, never upwards. */
const relativePathSchema = z
  .string()
  .min(1)
  .refine(
    (path) => !/[\\:\0]/.test(path) && path.split("/").every((part) => !["", ".", ".."].includes(part)),
    "a relative path inside the model's folder",
  );

const weightsFileShape = {
  /** Path below the model's folder. */
  name: relativePathSchema,
  bytes: z.number().int().positive().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "64 lower-case hex characters")
    .optional(),
  /** Where it can be downloaded, at a pinned revision. */
  url: z.string().optional(),
};

/** One ONNX graph, and the files of weights that lie beside it. */
export const graphFileSchema = z.object({
  ...weightsFileShape,
  /** ONNX external data. `name` is relative to the graph's own folder, exactly as the graph spells it. */
  externalData: z.array(z.object(weightsFileShape)).optional(),
});

export type GraphFile = z.infer<typeof graphFileSchema>;

/** The external data of a graph, with what the graph calls it and where it lies below the model's folder. */
export function externalDataFiles(
  graph: GraphFile,
): readonly { readonly nameInGraph: string; readonly file: ModelFile }[] {
  const folder = graph.name.slice(0, graph.name.lastIndexOf("/") + 1);
  return (graph.externalData ?? []).map((data) => ({
    nameInGraph: data.name,
    file: { ...data, name: folder + data.name },
  }));
}

/** Every file of a model's graphs, each once, named below the model's folder. */
export function modelFiles({ files }: { readonly files: Readonly<Record<string, GraphFile>> }): ModelFile[] {
  const all = Object.values(files).flatMap(({ externalData, ...graph }): ModelFile[] => [
    graph,
    ...externalDataFiles({ ...graph, externalData }).map(({ file }) => file),
  ]);
  return all.filter((file, index) => all.findIndex(({ name }) => name === file.name) === index);
}

/** What tells weights from others: the hash of each file, or where none is known the model's id and version and the file's origin. */
export function weightsFingerprint(
  model: Parameters<typeof modelFiles>[0] & { readonly id: string; readonly version: string },
): string[] {
  return modelFiles(model).map(
    (file) => file.sha256 ?? `${model.id}@${model.version}/${file.name}/${file.url ?? ""}`,
  );
}
