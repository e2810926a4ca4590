import { type ModelFile, type ModelStore, modelFiles } from "@maskery/core";

/** How far the files of a model are. */
export interface ModelProgress {
  readonly model: string;
  /** The file that went on. */
  readonly file: string;
  /** Bytes of all files so far: downloaded, or read and checked where they were here already. */
  readonly receivedBytes: number;
  /** Bytes of all files; undefined as long as the size of one is unknown. */
  readonly totalBytes: number | undefined;
}

export type ModelProgressListener = (progress: ModelProgress) => void;

type ReportedModel = Parameters<typeof modelFiles>[0] & { readonly id: string };

/** A store that tells how far all files of a model are together, whatever the order in which they are fetched. */
export function reportProgress(
  store: ModelStore,
  model: ReportedModel,
  listener: ModelProgressListener | undefined,
): ModelStore {
  if (!listener) return store;
  const received = new Map<string, number>();
  const total = new Map<string, number | undefined>(
    modelFiles(model).map(({ name, bytes }) => [name, bytes]),
  );
  const tell = (file: ModelFile, receivedBytes: number, totalBytes: number | undefined) => {
    received.set(file.name, receivedBytes);
    total.set(file.name, totalBytes ?? total.get(file.name));
    const totals = [...total.values()];
    listener({
      model: model.id,
      file: file.name,
      receivedBytes: sum([...received.values()]),
      totalBytes: totals.includes(undefined) ? undefined : sum(totals as number[]),
    });
  };
  return {
    ...store,
    fetch: (file, options = {}) =>
      store.fetch(file, {
        ...options,
        onProgress: (progress) => {
          options.onProgress?.(progress);
          tell(file, progress.receivedBytes, progress.totalBytes);
        },
      }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((left, right) => left + right, 0);
}
