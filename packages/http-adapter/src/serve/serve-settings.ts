import { resolve } from "node:path";
import { invalidInput } from "@maskery/core";
import type { CorsOptions } from "../guards/cors.js";

/** What the command line says, as text. What it leaves out the environment may say. */
export interface ServeArguments {
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly maxFileSize?: string;
  readonly cors?: string;
  readonly publicUrl?: string;
  readonly describer?: string;
  readonly remoteEncoder?: string;
  readonly placement?: boolean;
}

export interface ServeSettings {
  /** 0 takes a free one. Default 8000. */
  readonly port: number;
  /** Address to listen on. Default `127.0.0.1`: this machine only. */
  readonly host: string;
  /** Folder that keeps sessions and files over restarts; undefined keeps nothing. */
  readonly dataDirectory: string | undefined;
  /** Folders of their own for the three kinds of files. */
  readonly uploadDirectory: string | undefined;
  readonly masksDirectory: string | undefined;
  readonly resultsDirectory: string | undefined;
  /** Bound on one uploaded file. Default 52,428,800. */
  readonly maxFileBytes: number;
  readonly cors: CorsOptions | false;
  readonly publicUrl: string | undefined;
  /** Who describes pictures. Default: `gemini` where `GEMINI_API_KEY` is set, else `local`. */
  readonly describer: "local" | "gemini";
  /** Where pictures are encoded, an address that ends in `/placement` where a Maskery serves it; undefined encodes here. */
  readonly remoteEncoderUrl: string | undefined;
  /** Sent to the remote encoder as `Authorization: Bearer …`. */
  readonly remoteEncoderToken: string | undefined;
  /** Whether this server's model is served to other machines. Default false. */
  readonly placement: boolean;
}

const DEFAULT_PORT = 8000;
const DEFAULT_MAX_FILE_BYTES = 52_428_800;
const units: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Settings of a server from the command line and the environment: `MODAL_BASE_URL`, `UPLOAD_DIR`, `MASKS_DIR`, `RESULTS_DIR`,
 * `MAX_FILE_SIZE`, `GEMINI_API_KEY`, `MASKERY_REMOTE_TOKEN`. The command line comes first.
 * @throws MaskeryError `INVALID_INPUT` naming the option or the variable.
 */
export function readServeSettings(
  given: ServeArguments,
  environment: Readonly<Record<string, string | undefined>>,
): ServeSettings {
  /** Variables that are set to nothing count as absent. */
  const variable = (name: string) => environment[name]?.trim() || undefined;
  const folder = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  const sizeFrom = given.maxFileSize === undefined ? "MAX_FILE_SIZE" : "--max-file-size";
  const size = given.maxFileSize ?? variable("MAX_FILE_SIZE");
  const remoteFrom = given.remoteEncoder === undefined ? "MODAL_BASE_URL" : "--remote-encoder";
  const remote = given.remoteEncoder ?? variable("MODAL_BASE_URL");
  const { placement = false } = given;
  if (placement && remote !== undefined)
    throw invalidInput("--placement", `a server that encodes itself, without ${remoteFrom}`, "both");
  return {
    port: given.port === undefined ? DEFAULT_PORT : parsePort(given.port),
    host: given.host ?? "127.0.0.1",
    dataDirectory: folder(given.data),
    uploadDirectory: folder(variable("UPLOAD_DIR")),
    masksDirectory: folder(variable("MASKS_DIR")),
    resultsDirectory: folder(variable("RESULTS_DIR")),
    maxFileBytes: size === undefined ? DEFAULT_MAX_FILE_BYTES : parseBytes(sizeFrom, size),
    cors: parseCors(given.cors),
    publicUrl: given.publicUrl === undefined ? undefined : parseUrl("--public-url", given.publicUrl),
    describer: parseDescriber(given.describer, variable("GEMINI_API_KEY") !== undefined),
    remoteEncoderUrl: remote === undefined ? undefined : parseRemote(remoteFrom, remote),
    remoteEncoderToken: variable("MASKERY_REMOTE_TOKEN"),
    placement,
  };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw invalidInput("--port", "a whole number, 0 to 65535", text);
}

/** Reads `52428800`, `50M`, `50MB`, `1.5g`. */
function parseBytes(field: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(k|m|g|)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(amount) * (units[unit?.toLowerCase() ?? ""] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw invalidInput(field, "a number of bytes, such as 52428800 or 50M", text);
}

function parseCors(text: string | undefined): CorsOptions | false {
  if (text === undefined || text === "*") return { origins: "*" };
  if (text === "off") return false;
  const origins = text.split(",").map((origin) => origin.trim());
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw invalidInput("--cors", 'origins such as https://app.example.com, "*", or "off"', origin);
  }
  return { origins, credentials: true };
}

function parseUrl(field: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, "");
  throw invalidInput(field, "an address that begins with http: or https:", text);
}

function parseRemote(field: string, text: string): string {
  const url = parseUrl(field, text);
  const { username, password } = new URL(url);
  if (username === "" && password === "") return url;
  // The value is not shown: it holds a secret.
  throw invalidInput(
    field,
    "an address without user and password; MASKERY_REMOTE_TOKEN takes a token",
    "both",
  );
}

function parseDescriber(text: string | undefined, hasKey: boolean): "local" | "gemini" {
  if (text === "gemini" && !hasKey)
    throw invalidInput("--describer", "local; gemini needs a key in GEMINI_API_KEY", text);
  if (text === "local" || text === "gemini") return text;
  if (text === undefined) return hasKey ? "gemini" : "local";
  throw invalidInput("--describer", "local or gemini", text);
}
