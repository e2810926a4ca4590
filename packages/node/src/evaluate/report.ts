import type { EmbeddingPrecision } from "@maskery/core";
import { alignColumns } from "../cli/align-columns.js";
import type { Evaluation, ObjectOutcome, PromptOutcome } from "./evaluate.js";
import { type Calibration, calibrationOf, mean, type NumberOfClicks, numberOfClicks } from "./metrics.js";

/** Qualities for which clicks are counted, in percent of IoU. */
const COUNTED_QUALITIES = [80, 85, 90] as const;

/** What a group of objects gave. Lists hold the mean after click 1, 2, …. */
export interface GroupReport {
  readonly objects: number;
  /** Of the mask that the model scores best. */
  readonly meanIou: readonly number[];
  /** Of the best of all candidates. */
  readonly oracleIou: readonly number[];
  readonly boundaryF1: readonly number[];
  /** By quality in percent. */
  readonly numberOfClicks: Readonly<Record<string, NumberOfClicks>>;
  /** Predicted against true IoU: of the masks that were taken, and of all candidates. */
  readonly calibration: { readonly best: Calibration; readonly candidates: Calibration };
  /** The object's box alone, where it was asked for. */
  readonly box?: { readonly meanIou: number; readonly oracleIou: number; readonly boundaryF1: number };
}

/** How the numbers came about; two reports compare only when these are equal. */
export interface EvaluationProtocol {
  readonly clicks: number;
  readonly clickLimit: number;
  readonly feedback: boolean;
  /** Clicks were asked by `session.segment`, and the session itself gave masks back. */
  readonly session?: true;
  /** Embeddings went through a store that keeps them so. Absent: straight from the encoder. */
  readonly embeddingPrecision?: EmbeddingPrecision;
  readonly objects: "one" | "all" | "selection";
  readonly maps?: "first" | "all";
  readonly seed?: number;
  readonly limit?: number;
}

export interface EvaluationReport {
  readonly model: string;
  readonly device: string;
  readonly protocol: EvaluationProtocol;
  readonly images: number;
  readonly all: GroupReport;
  /** By source: what comes before the first `_` of a picture's name. */
  readonly sources: Readonly<Record<string, GroupReport>>;
  /** Medians over all objects. */
  readonly timings: { readonly encodeMs: number; readonly promptMs: number };
  /** One by one, in the form that `--selection` takes. */
  readonly objects: readonly {
    readonly image: string;
    readonly map: number;
    readonly value: number;
    readonly ious: readonly number[];
    readonly boxIou?: number;
  }[];
  readonly skipped: Evaluation["skipped"];
}

export function reportEvaluation(
  evaluation: Evaluation,
  segmenter: { readonly model: string; readonly device: string },
  protocol: EvaluationProtocol,
): EvaluationReport {
  const { objects, skipped } = evaluation;
  const sources = [...new Set(objects.map(({ source }) => source))].sort();
  const group = (members: readonly ObjectOutcome[]) => reportGroup(members, protocol);
  return {
    model: segmenter.model,
    device: segmenter.device,
    protocol,
    images: new Set(objects.map(({ image }) => image)).size,
    all: group(objects),
    sources: Object.fromEntries(
      sources.map((source) => [source, group(objects.filter((object) => object.source === source))]),
    ),
    timings: {
      encodeMs: round(median(objects.map(({ timings }) => timings.encodeMs).filter((ms) => ms > 0)), 2),
      promptMs: round(median(objects.flatMap(({ timings }) => timings.promptMs)), 2),
    },
    objects: objects.map(({ image, map, value, ious, box }) => ({
      image,
      map,
      value,
      ious: ious.map((iou) => round(iou)),
      ...(box && { boxIou: round(box.iou) }),
    })),
    skipped,
  };
}

function reportGroup(
  objects: readonly ObjectOutcome[],
  { clicks, clickLimit }: EvaluationProtocol,
): GroupReport {
  const afterEachClick = (measure: (outcome: PromptOutcome) => number) =>
    Array.from({ length: clicks }, (_, click) =>
      round(mean(objects.map((object) => measure(object.clicks[click]!)))),
    );
  const outcomes = objects.flatMap((object) => object.clicks);
  const boxes = objects.flatMap(({ box }) => (box ? [box] : []));
  return {
    objects: objects.length,
    meanIou: afterEachClick(({ iou }) => iou),
    oracleIou: afterEachClick(({ oracleIou }) => oracleIou),
    boundaryF1: afterEachClick((outcome) => outcome.boundaryF1),
    numberOfClicks: Object.fromEntries(
      COUNTED_QUALITIES.map((percent) => {
        const counted = numberOfClicks(
          objects.map(({ ious }) => ious),
          percent / 100,
          clickLimit,
        );
        return [percent, { ...counted, clicks: round(counted.clicks) }];
      }),
    ),
    calibration: {
      best: roundCalibration(calibrationOf(outcomes.flatMap(({ candidates }) => candidates.slice(0, 1)))),
      candidates: roundCalibration(calibrationOf(outcomes.flatMap(({ candidates }) => candidates))),
    },
    ...(boxes.length > 0 && {
      box: {
        meanIou: round(mean(boxes.map(({ iou }) => iou))),
        oracleIou: round(mean(boxes.map(({ oracleIou }) => oracleIou))),
        boundaryF1: round(mean(boxes.map((outcome) => outcome.boundaryF1))),
      },
    }),
  };
}

/** The report as tables for a terminal. */
export function reportTable(report: EvaluationReport): string {
  const { all, protocol, images, model, device, timings, skipped } = report;
  const groups: [string, GroupReport][] = [["all", all]];
  for (const [source, group] of Object.entries(report.sources))
    if (source !== "") groups.push([source, group]);
  const clickHeaders = all.meanIou.map((_, index) => String(index + 1));
  const table = (
    title: string,
    values: (group: GroupReport) => readonly string[],
    headers: readonly string[] = [],
  ) => [
    title,
    ...alignColumns(
      [
        ["source", "objects", ...clickHeaders, ...headers],
        ...groups.map(([name, group]) => [name, String(group.objects), ...values(group)]),
      ],
      [0],
    ).map((line) => `  ${line}`),
    "",
  ];
  const qualities = COUNTED_QUALITIES.map(String);
  const { best, candidates } = all.calibration;
  return [
    `${all.objects} objects in ${images} pictures, model ${model} on ${device}`,
    `encode ${timings.encodeMs.toFixed(0)} ms, prompt ${timings.promptMs.toFixed(1)} ms (medians), ` +
      `earlier mask given back: ${protocol.feedback ? "yes" : "no"}${protocol.session ? ", by the session" : ""}` +
      (protocol.embeddingPrecision ? `, embeddings stored as ${protocol.embeddingPrecision}` : ""),
    ...skipped.map(({ image, map, reason }) => `skipped ${image}, label map ${map}: ${reason}`),
    "",
    ...table(
      `Mean IoU of the best-scored mask after clicks; NoC: mean clicks to reach an IoU (at most ${protocol.clickLimit})`,
      (group) => [
        ...group.meanIou.map(share),
        ...qualities.map((quality) => group.numberOfClicks[quality]!.clicks.toFixed(2)),
        ...(group.box ? [share(group.box.meanIou)] : []),
      ],
      [...qualities.map((quality) => `NoC@${quality}`), ...(all.box ? ["box alone"] : [])],
    ),
    ...table(
      "Mean IoU of the best of all candidates",
      (group) => [...group.oracleIou.map(share), ...(group.box ? [share(group.box.oracleIou)] : [])],
      all.box ? ["box alone"] : [],
    ),
    ...table(
      "Mean boundary F1 of the best-scored mask",
      (group) => [...group.boundaryF1.map(share), ...(group.box ? [share(group.box.boundaryF1)] : [])],
      all.box ? ["box alone"] : [],
    ),
    "Predicted against true IoU",
    `  best-scored masks  ${calibrationLine(best)}`,
    `  all candidates     ${calibrationLine(candidates)}`,
  ].join("\n");
}

function calibrationLine({ correlation, meanAbsoluteError, bias }: Calibration): string {
  const signed = `${bias < 0 ? "-" : "+"}${Math.abs(bias).toFixed(3)}`;
  return `correlation ${correlation?.toFixed(3) ?? "none"}, mean absolute error ${meanAbsoluteError.toFixed(3)}, bias ${signed}`;
}

function roundCalibration({ predictions, correlation, meanAbsoluteError, bias }: Calibration): Calibration {
  return {
    predictions,
    correlation: correlation === null ? null : round(correlation),
    meanAbsoluteError: round(meanAbsoluteError),
    bias: round(bias),
  };
}

const share = (value: number): string => value.toFixed(3);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Four digits: a hundredth of a point of IoU. */
function round(value: number, digits = 4): number {
  return Number(value.toFixed(digits));
}
