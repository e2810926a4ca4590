import { version as maskeryVersion } from "../../package.json";
import { loadSharp } from "../image/load-sharp.js";
import { enginePackage } from "../runtime/engine-package.js";

export interface VersionsReport {
  readonly maskery: string;
  readonly node: string;
  /** Absent where the package is not found or cannot be loaded. */
  readonly onnxruntime?: string;
  readonly sharp?: string;
  readonly libvips?: string;
  readonly problems: readonly string[];
}

const OLDEST_NODE = [20, 19] as const;

export async function findVersions(): Promise<VersionsReport> {
  const problems: string[] = [];
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    problems.push(`Node ${process.versions.node} is older than ${OLDEST_NODE.join(".")}`);
  }
  const { version: onnxruntime, libraryFolder } = enginePackage();
  if (onnxruntime === undefined)
    problems.push("onnxruntime-node is not installed: npm install onnxruntime-node");
  else if (libraryFolder === undefined) {
    problems.push(`onnxruntime-node ${onnxruntime} has no libraries for ${process.platform}-${process.arch}`);
  }
  const codec = await loadSharp().then(
    ({ versions }) => ({
      ...(versions.sharp !== undefined && { sharp: versions.sharp }),
      libvips: versions.vips,
    }),
    (error: Error) => {
      problems.push(error.message);
      return {};
    },
  );
  return {
    maskery: maskeryVersion,
    node: process.versions.node,
    ...(onnxruntime !== undefined && { onnxruntime }),
    ...codec,
    problems,
  };
}
