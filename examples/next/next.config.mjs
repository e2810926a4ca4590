// @ts-check
/** @type {Record<string, unknown>} */
const config = {
  // Native modules, worker files and the built-in model stay where npm put them, instead of going into Next's bundles.
  serverExternalPackages: ["@maskery/node", "@maskery/http-adapter", "onnxruntime-node", "sharp"],
  // This folder is the application; without this line Next takes the repository around it for one.
  outputFileTracingRoot: import.meta.dirname,
};
export default config;
