import { formatBytes } from "./format-bytes.js";

const barWidth = 24;

/** `[########----------------]  33 %   51.8 of 155.4 MB`. */
export function progressBar(receivedBytes: number, totalBytes: number | undefined): string {
  if (totalBytes === undefined) return formatBytes(receivedBytes);
  const share = totalBytes === 0 ? 1 : Math.min(1, receivedBytes / totalBytes);
  const filled = Math.floor(share * barWidth);
  const bar = "#".repeat(filled).padEnd(barWidth, "-");
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${bar}] ${percent} %   ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}`;
}
