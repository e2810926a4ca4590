// Every address below /vision is the API's.
import { segmentationApi } from "../../../segmentation-api.js";

export const runtime = "nodejs";
export const dynamic = "force-dynamic";

/** @param {Request} request */
function answer(request) {
  return segmentationApi().fetch(request, { mountPath: "/vision" });
}

export { answer as DELETE, answer as GET, answer as HEAD, answer as OPTIONS, answer as POST };
