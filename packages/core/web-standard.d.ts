/**
 * What core may use beyond ECMAScript: names that exist in every browser, worker and Node >= 20.
 *
 * Only packages/core/tsconfig.json reads this file. It is outside src, nothing imports it and it is not published, so
 * it meets neither lib.dom nor @types/node, which declare the same names more fully. The allow-list for the built file
 * is in tests/support/free-names.ts; keep the two in step.
 */

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare const AbortSignal: {
  abort(reason?: unknown): AbortSignal;
  any(signals: Iterable<AbortSignal>): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
};

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class DOMException extends Error {
  constructor(message?: string, name?: string);
}

/** A number in browsers and an object in Node: core may keep it and hand it back, nothing more. */
interface Timer {
  readonly opaqueTimer: never;
}
declare function setTimeout(callback: () => void, delayMs?: number): Timer;
declare function clearTimeout(timer: Timer | undefined): void;
declare function setInterval(callback: () => void, periodMs?: number): Timer;
declare function clearInterval(timer: Timer | undefined): void;
declare function queueMicrotask(callback: () => void): void;

interface MessagePort {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}
declare class MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}

declare function atob(base64: string): string;
declare function btoa(binary: string): string;

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(encoding?: "utf-8", options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { readonly stream?: boolean }): string;
}

interface ByteTransform {
  readonly readable: {
    getReader(): {
      read(): Promise<{ done: boolean; value?: Uint8Array<ArrayBuffer> }>;
      cancel(reason?: unknown): Promise<void>;
    };
  };
  readonly writable: {
    getWriter(): {
      write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
      close(): Promise<void>;
      abort(reason?: unknown): Promise<void>;
    };
  };
}
/** Missing from browsers older than 2023: look with `typeof` before use. */
declare const CompressionStream: new (format: "deflate" | "deflate-raw" | "gzip") => ByteTransform;
declare const DecompressionStream: new (format: "deflate" | "deflate-raw" | "gzip") => ByteTransform;

declare function structuredClone<Value>(
  value: Value,
  options?: { readonly transfer?: readonly ArrayBuffer[] },
): Value;

declare const performance: { now(): number };

declare class URL {
  constructor(url: string, base?: string);
  readonly href: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  pathname: string;
  hash: string;
}

declare class Headers {
  constructor(init?: Headers | Readonly<Record<string, string>>);
  get(name: string): string | null;
  set(name: string, value: string): void;
}

interface ByteStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array<ArrayBuffer> }>;
    cancel(reason?: unknown): Promise<void>;
  };
  cancel(reason?: unknown): Promise<void>;
}

interface Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: ByteStream | null;
  readonly signal: AbortSignal;
}

declare class Response {
  constructor(
    body?: Uint8Array<ArrayBuffer> | string | null,
    init?: { readonly status?: number; readonly headers?: Headers | Readonly<Record<string, string>> },
  );
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly body: ByteStream | null;
}

declare function fetch(
  url: string,
  init?: {
    readonly method?: string;
    readonly headers?: Headers;
    readonly body?: Uint8Array<ArrayBuffer>;
    readonly redirect?: "manual";
    readonly signal?: AbortSignal;
  },
): Promise<Response>;
