/** What the channels or class numbers of a model stand for. */
export interface LabelSet {
  /** Name of each class by its number, as the data set writes it; undefined where the number is not used. */
  readonly names: readonly (string | undefined)[];
  /** The number that means "none of these"; never a segment. Default: every number is a class. */
  readonly background?: number | undefined;
}

/** Names in the order of their numbers, written as one list. */
export function namesFrom(list: string): string[] {
  return list.split(",").map((name) => name.trim());
}

/** Names that data sets write without a space. */
const spelledOut: Readonly<Record<string, string>> = {
  diningtable: "dining table",
  pottedplant: "potted plant",
  tvmonitor: "TV monitor",
  tv: "TV",
  playingfield: "playing field",
  "crt screen": "CRT screen",
};

/**
 * A data set's class name for people: `diningtable` → `Dining table`, `sky-other-merged` → `Sky`, `wall-brick` → `Wall (brick)`.
 */
export function labelForPeople(name: string): string {
  const plain = name.replace(/(-(merged|other|stuff))+$/, "");
  const spelled = spelledOut[plain] ?? plain.replace(/^(.+)-(.+)$/, "$1 ($2)");
  return spelled.charAt(0).toUpperCase() + spelled.slice(1);
}
