import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { invalidInput } from "@maskery/core";

/** Where models come from and where they are kept. What is not given is read from the environment. */
export interface ModelStoreOptions {
  /**
   * Folder that keeps downloaded models, one folder for each. Default: `MASKERY_MODEL_DIR`, else the platform's cache folder
   * (`$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`) with `maskery/models`.
   */
  readonly modelDirectory?: string | undefined;
  /**
   * Address of a copy of the model folders, asked before the public hubs: a folder made by `maskery models pack`, on any web
   * server. Default: `MASKERY_MODEL_MIRROR`, else none.
   */
  readonly mirror?: string | undefined;
  /** Refuses every network call. Default: whether `MASKERY_OFFLINE` is set. */
  readonly offline?: boolean | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ModelStoreSettings {
  readonly directory: string;
  /** Ends in `/`. */
  readonly mirror: URL | undefined;
  readonly offline: boolean;
  readonly network: NetworkSettings;
}

/** What requests need to know, read once, so that a download sees one set of values from its first byte to its last. */
export interface NetworkSettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
  /** Sent to the Hugging Face hub only. */
  readonly hubToken: string | undefined;
}

/** @throws MaskeryError `INVALID_INPUT` naming the option or the variable at fault. */
export function modelStoreSettings(
  options: ModelStoreOptions = {},
  environment: Environment = process.env,
): ModelStoreSettings {
  const { modelDirectory, mirror, offline } = options;
  if (modelDirectory !== undefined && (typeof modelDirectory !== "string" || modelDirectory === ""))
    throw invalidInput("modelDirectory", "the path of a folder", modelDirectory);
  if (offline !== undefined && typeof offline !== "boolean")
    throw invalidInput("offline", "true or false", offline);
  return {
    directory: resolve(
      modelDirectory ?? given(environment, "MASKERY_MODEL_DIR") ?? defaultDirectory(environment),
    ),
    mirror:
      mirror === undefined
        ? parseMirror("MASKERY_MODEL_MIRROR", given(environment, "MASKERY_MODEL_MIRROR"))
        : parseMirror("mirror", mirror),
    offline: offline ?? isSwitchedOn(environment, "MASKERY_OFFLINE"),
    network: networkSettings(environment),
  };
}

function networkSettings(environment: Environment): NetworkSettings {
  // Lower case first, as curl reads them.
  const either = (name: string) => given(environment, name.toLowerCase()) ?? given(environment, name) ?? "";
  return {
    httpProxy: either("HTTP_PROXY"),
    httpsProxy: either("HTTPS_PROXY"),
    noProxy: either("NO_PROXY"),
    hubToken: given(environment, "HF_TOKEN"),
  };
}

function given(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === "" ? undefined : value;
}

function isSwitchedOn(environment: Environment, name: string): boolean {
  const value = given(environment, name)?.toLowerCase();
  if (value === undefined || ["0", "false", "no", "off"].includes(value)) return false;
  if (["1", "true", "yes", "on"].includes(value)) return true;
  throw invalidInput(name, "1 or 0", value);
}

function parseMirror(field: string, value: string | undefined): URL | undefined {
  if (value === undefined) return undefined;
  const address = URL.canParse(value) ? new URL(value) : undefined;
  if (!address || !/^https?:$/.test(address.protocol))
    throw invalidInput(field, "an http or https address", value);
  if (!address.pathname.endsWith("/")) address.pathname += "/";
  return address;
}

function defaultDirectory(environment: Environment): string {
  return join(cacheRoot(environment), "maskery", "models");
}

function cacheRoot(environment: Environment): string {
  if (process.platform === "win32")
    return given(environment, "LOCALAPPDATA") ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  const folder = given(environment, "XDG_CACHE_HOME");
  // The standard says to ignore relative paths.
  return folder !== undefined && isAbsolute(folder) ? folder : join(homedir(), ".cache");
}
