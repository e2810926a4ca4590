import type { GraphFile } from "../model-files.js";

/** Size in bytes and SHA-256 of a file, as far as they are known. */
export type Known = readonly [bytes?: number | undefined, sha256?: string | undefined];

/** Names the files of one place at one pinned revision. */
export type Source = (
  name: string,
  known?: Known,
  externalData?: readonly [name: string, known: Known],
) => GraphFile;

/** @param folder - Address of the folder that holds the files, ending in `/`. */
function filesIn(folder: string): Source {
  const file = (name: string, [bytes, sha256]: Known) => ({
    name,
    ...(bytes !== undefined && { bytes }),
    ...(sha256 !== undefined && { sha256 }),
    url: folder + name,
  });
  return (name, known = [], externalData) => ({
    ...file(name, known),
    ...(externalData && { externalData: [file(...externalData)] }),
  });
}

/** A repository of the Hugging Face hub at a commit. */
export function hub(repository: string, commit: string, folder = ""): Source {
  return filesIn(`https://huggingface.co/${repository}/resolve/${commit}/${folder}`);
}

/** The assets of a GitHub release; its tag pins them. */
export function release(repository: string, tag: string): Source {
  return filesIn(`https://github.com/${repository}/releases/download/${tag}/`);
}

/** Files in a GitHub repository at a commit. */
export function repositoryFiles(repository: string, commit: string, folder: string): Source {
  return filesIn(`https://raw.githubusercontent.com/${repository}/${commit}/${folder}`);
}

/** What a model is called after its revision: enough of a commit to tell revisions apart. */
export function shortRevision(commit: string): string {
  return commit.slice(0, 12);
}
