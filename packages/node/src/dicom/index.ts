export type { Photometric as DicomPhotometric } from "./pixel-format.js";
export {
  type DecodeFrameOptions,
  type DicomImage,
  type DicomPlacement,
  type ReadDicomOptions,
  readDicom,
} from "./read-dicom.js";
export type { Rescale as DicomRescale } from "./value-transforms.js";
export { type CtWindowName, ctWindows, type DicomWindow, type DicomWindowChoice } from "./window.js";
