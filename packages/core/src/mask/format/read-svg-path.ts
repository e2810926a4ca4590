import { invalidInput, MaskeryError } from "../../errors.js";
import { Mask, type MaskDetails } from "../mask.js";
import type { Ring, Vertex } from "../polygon.js";

const TOKEN = /([a-zA-Z])|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\s,]+)/y;

/** Numbers that each command takes; a command may be followed by several sets of them. */
const NUMBERS_BY_COMMAND: Readonly<Record<string, number>> = { M: 2, L: 2, H: 1, V: 1, Z: 0 };

/**
 * Fills an SVG path with the even-odd rule. Reads what `svgPathFromMask` writes and any path of straight lines: `M`, `L`,
 * `H`, `V`, `Z`, absolute or relative, with repeated and compact numbers; open subpaths are closed, as SVG fills them.
 * @param width - Pixels across the mask; `height` likewise down.
 * @throws MaskeryError `INVALID_INPUT` for a path that is broken, or `UNSUPPORTED_FORMAT` for one with curves.
 */
export function maskFromSvgPath(
  path: string,
  width: number,
  height: number,
  details: MaskDetails = {},
): Mask {
  if (typeof path !== "string") throw invalidInput("path", "the text of an SVG path", path);
  const rings = parseSubpaths(path).filter((ring) => ring.length >= 3);
  return Mask.fromPolygons(
    rings.map((outer) => ({ outer })),
    width,
    height,
    { ...details, rule: "even-odd" },
  );
}

function parseSubpaths(path: string): Ring[] {
  const subpaths: Vertex[][] = [];
  let start: Vertex = { x: 0, y: 0 };
  let current: Vertex = start;
  let subpath: Vertex[] | undefined;
  for (const { command, numbers, position } of parseCommands(path)) {
    const relative = command === command.toLowerCase();
    const kind = command.toUpperCase();
    if (subpaths.length === 0 && !subpath && kind !== "M")
      throw broken(position, "a path that begins with M");
    const baseX = relative ? current.x : 0;
    const baseY = relative ? current.y : 0;
    if (kind === "Z") {
      current = start;
      subpath = undefined;
      continue;
    }
    if (kind === "H") current = { x: baseX + numbers[0]!, y: current.y };
    else if (kind === "V") current = { x: current.x, y: baseY + numbers[0]! };
    else current = { x: baseX + numbers[0]!, y: baseY + numbers[1]! };
    if (kind === "M") {
      start = current;
      subpath = [current];
      subpaths.push(subpath);
      continue;
    }
    if (!subpath) {
      // After a closed line the next begins where that one did.
      subpath = [start];
      subpaths.push(subpath);
    }
    subpath.push(current);
  }
  return subpaths;
}

interface PathCommand {
  readonly command: string;
  readonly numbers: readonly number[];
  readonly position: number;
}

function* parseCommands(path: string): Generator<PathCommand> {
  let command: string | undefined;
  let numbers: number[] = [];
  let position = 0;
  const needed = () => NUMBERS_BY_COMMAND[command!.toUpperCase()]!;
  // A command that takes numbers is complete when it had at least one full set and stands at the end of one.
  let sets = 0;
  const checkComplete = () => {
    if (command !== undefined && (numbers.length > 0 || (sets === 0 && needed() > 0))) {
      throw broken(position, `${needed()} numbers after ${command}`);
    }
  };
  while (position < path.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(path);
    if (!match) throw broken(position, "a command or a number");
    const [text, letter, number] = match;
    if (letter !== undefined) {
      checkComplete();
      if (!(letter.toUpperCase() in NUMBERS_BY_COMMAND)) throw unknownCommand(letter, position);
      command = letter;
      sets = 0;
      if (needed() === 0) {
        yield { command, numbers: [], position };
        command = undefined;
      }
    } else if (number !== undefined) {
      if (command === undefined) throw broken(position, "a command");
      numbers.push(Number(number));
      if (numbers.length === needed()) {
        yield { command, numbers, position };
        numbers = [];
        sets++;
        // Further pairs after a move are lines.
        if (command === "M") command = "L";
        else if (command === "m") command = "l";
      }
    }
    position += text.length;
  }
  checkComplete();
}

function unknownCommand(letter: string, position: number): MaskeryError {
  if (!/[csqta]/i.test(letter)) return broken(position, "one of the commands M, L, H, V and Z");
  return new MaskeryError(
    "UNSUPPORTED_FORMAT",
    `path: expected straight lines (M, L, H, V, Z), received the curve ${letter} at character ${position}`,
    {
      field: "path",
    },
  );
}

function broken(position: number, expected: string): MaskeryError {
  return new MaskeryError("INVALID_INPUT", `path: expected ${expected}, broken at character ${position}`, {
    field: "path",
  });
}
