/** Native modules and worker files stay where npm put them. */
export default {
  serverExternalPackages: ["@maskery/node", "@maskery/http-adapter", "onnxruntime-node", "sharp"],
};
