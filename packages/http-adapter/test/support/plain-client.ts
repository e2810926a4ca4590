import { Agent, request as httpRequest } from "node:http";

export interface PlainAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface PlainRequest {
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array;
}

/** A client whose connections are its own, kept alive, and gone when it says so. */
export class PlainClient {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string) {
    this.#url = url;
  }

  send(method: string, path: string, { headers = {}, body }: PlainRequest = {}): Promise<PlainAnswer> {
    return new Promise((resolve, reject) => {
      const sending = httpRequest(
        `${this.#url}${path}`,
        { method, headers, agent: this.#agent },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("end", () => resolve({ status: incoming.statusCode!, body: Buffer.concat(chunks) }));
          incoming.on("error", reject);
        },
      );
      sending.on("error", reject);
      sending.end(body);
    });
  }

  post(path: string, value: unknown): Promise<PlainAnswer> {
    return this.send("POST", path, {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
    });
  }

  upload(path: string, picture: Uint8Array): Promise<PlainAnswer> {
    return this.send("POST", path, { headers: formHeaders, body: form(picture) });
  }

  /**
   * Begins to send a body of `bytes` over a connection of its own.
   * @returns How to leave in the middle of it.
   */
  begin(path: string, bytes: number, start: Uint8Array, headers: PlainRequest["headers"] = formHeaders) {
    const sending = httpRequest(`${this.#url}${path}`, {
      method: "POST",
      headers: { ...headers, "content-length": bytes },
      agent: false,
    });
    sending.on("error", () => undefined);
    sending.write(start);
    return { leave: () => void sending.destroy() };
  }

  close(): void {
    this.#agent.destroy();
  }
}

const formHeaders = { "content-type": "multipart/form-data; boundary=edge" };
export const formStart = '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n';

function form(picture: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(formStart), picture, Buffer.from("\r\n--edge--\r\n")]);
}
