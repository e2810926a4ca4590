import { MaskeryError, overlay, type Session } from "@maskery/core";
import { type FoundSegment, type FoundSegments, findSegments } from "../../service/find-segments.js";
import type { Services } from "../../service/services.js";
import type { DemoSessionData } from "./demo-schemas.js";
import type { SegmentMemory } from "./segment-memory.js";

type DemoTask = NonNullable<DemoSessionData["task"]>;

export interface SegmentedPicture {
  readonly outputKey: string;
  readonly results: NonNullable<DemoTask["results"]>;
}

export interface SegmentPictureOptions {
  /** Segments of earlier pictures. */
  readonly memory: SegmentMemory;
  readonly pointsPerSide: number | undefined;
  readonly signal: AbortSignal;
  /** When it fires, the segments found until then are all. */
  readonly finishSignal: AbortSignal;
  /** Milliseconds that the task has left. */
  readonly timeLeftMs: () => number;
}

/** Kept free of the task's time for what comes after the description. */
const FINISHING_MS = 1_000;

/** Shares of the progress that a client sees. */
const SEGMENTED_PERCENT = 80;
const DRAWN_PERCENT = 90;

/**
 * The work of one demo task: finds segments, draws them, describes them.
 * @param onProgress - Told percents, 0..100, as the work really goes.
 */
export async function segmentPicture(
  services: Services,
  upload: NonNullable<DemoSessionData["upload"]>,
  outputKey: string,
  onProgress: (percent: number, message: string) => void,
  { memory, pointsPerSide, signal, finishSignal, timeLeftMs }: SegmentPictureOptions,
): Promise<SegmentedPicture> {
  const startedAt = performance.now();
  const segmenter = await services.model.get({ signal });
  return services.pictures.with(services.objects.uploads, upload.key, (session) => work(session), { signal });

  async function work(session: Session): Promise<SegmentedPicture> {
    onProgress(5, "Finding segments");
    const contentKey = `demo ${upload.sha256} ${segmenter.model}`;
    const known = memory.get(contentKey);
    const { segments, isComplete } = known
      ? { segments: known, isComplete: true }
      : await findSegments(session, {
          signal,
          finishSignal,
          ...(pointsPerSide !== undefined && { pointsPerSide }),
          onProgress: (fraction) => onProgress(5 + fraction * (SEGMENTED_PERCENT - 5), "Finding segments"),
        });
    // What a slow moment left unfinished is looked for again the next time.
    if (isComplete) memory.set(contentKey, segments);
    const pixels = await session.pixels({ signal });
    const drawn = overlay(
      pixels,
      segments.map(({ mask }) => mask),
      {
        labels: segments.map(({ label }) => label),
      },
    );
    const picture = await segmenter.platform.codec.encode(drawn, { format: "jpeg", quality: 90, signal });
    await services.objects.results.put(outputKey, picture, { contentType: "image/jpeg", signal });
    onProgress(DRAWN_PERCENT, "Describing the picture");
    // The picture itself: describers mark the segments their own way, and name the colours that are really there.
    const description = await services.descriptions.describe(
      pixels,
      segments.map(({ mask, label }) => ({ mask, name: label })),
      isComplete ? contentKey : `${contentKey} ${outputKey}`,
      { signal, timeLeftMs: timeLeftMs() - FINISHING_MS },
    );
    // One number for the field and the sentence: rounded apart, they could differ.
    const seconds = Math.round((performance.now() - startedAt) / 10) / 100;
    return {
      outputKey,
      results: {
        segments: await Promise.all(segments.map((segment) => describeSegment(segment, signal))),
        ai_description: description.text,
        ai_description_source: description.source,
        technical_summary: technicalSummary(segmenter, session, { segments, isComplete }, seconds),
        processing_time: seconds,
        model_used: segmenter.model,
        confidence_score: meanConfidence(segments),
      },
    };
  }
}

async function describeSegment({ className, label, confidence, mask }: FoundSegment, signal: AbortSignal) {
  const { x, y, width, height } = mask.bbox;
  const png = await mask.toPng({ signal });
  return {
    class: className,
    label,
    confidence,
    mask: Buffer.from(png).toString("base64"),
    area: mask.area,
    bbox: [x, y, width, height] as [number, number, number, number],
  };
}

/** Says what was done and measured, nothing that was not. */
function technicalSummary(
  { model, device }: { readonly model: string; readonly device: string },
  { image }: Session,
  { segments, isComplete }: FoundSegments,
  seconds: number,
): string {
  const classes = new Set(segments.map(({ className }) => className));
  const named =
    classes.size === 1 && classes.has("object")
      ? "The model knows no class names."
      : `Classes: ${[...classes].join(", ")}.`;
  const early = isComplete ? "" : " The search was ended before all was looked at; there may be more.";
  return (
    `Segmentation of ${image.width} × ${image.height} pixels with the model ${model} on ${device}: ${segments.length} segments, ` +
    `mean confidence ${Math.round(meanConfidence(segments) * 100)}%. ${named}${early} Processing time: ${seconds.toFixed(2)} seconds.`
  );
}

function meanConfidence(segments: readonly FoundSegment[]): number {
  if (segments.length === 0) return 0;
  return segments.reduce((sum, { confidence }) => sum + confidence, 0) / segments.length;
}

/** What a client may know of why a task failed. */
export function failureMessage(error: unknown, timeoutMs: number): string {
  const code = MaskeryError.is(error) ? error.code : "INTERNAL";
  const known = code === "CORRUPT_IMAGE" || code === "IMAGE_TOO_LARGE" || code === "UNSUPPORTED_FORMAT";
  if (known) return (error as MaskeryError).message;
  if (code === "TIMEOUT") return `Processing took longer than ${timeoutMs / 1000} seconds and was stopped.`;
  if (code === "MODEL_UNAVAILABLE") return "The model is not available now.";
  if (code === "OVERLOADED") return "The server is busy; please try again later.";
  if (code === "ABORTED" || code === "DISPOSED") return "The server is stopping.";
  return "Processing failed.";
}
