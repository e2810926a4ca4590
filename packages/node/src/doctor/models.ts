import { type ModelTask, taskOf } from "../models/find-any-model.js";
import { listModels } from "../models/installed-models.js";

/** A model in the model folder. */
export interface ModelHere {
  readonly id: string;
  readonly task: ModelTask;
  readonly version: string;
  /** `"unfinished"`: not all files of any precision are here with their sizes. What is in them is not read. */
  readonly state: "complete" | "unfinished";
  /** Of its files that are here. */
  readonly bytes: number;
}

/** Models of every task in the model folder, as far as any of their files is there. */
export async function inspectModels(directory: string, warnings: string[]): Promise<readonly ModelHere[]> {
  const listed = await listModels(directory, {
    onBroken: ({ message }) => warnings.push(`a folder among the models cannot be used: ${message}`),
  });
  const here = listed
    .filter(({ source, bytesHere }) => source !== "package" && bytesHere > 0)
    .map(
      ({ spec, isHere, bytesHere }): ModelHere => ({
        id: spec.id,
        task: taskOf(spec),
        version: spec.version,
        state: isHere ? "complete" : "unfinished",
        bytes: bytesHere,
      }),
    );
  for (const { id, state } of here) {
    if (state === "unfinished")
      warnings.push(`the model ${id} is unfinished: "maskery models pull ${id}" goes on with it`);
  }
  return here;
}
