import type { RequestOptions, Transport } from "./transport.js";
import type { ClinicalHealth, ClinicalRequest, ClinicalResponse } from "./wire-types.js";

/** Automatic segmentation of slices. All methods throw `MaskeryError` with the server's code. */
export class ClinicalClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** `POST /api/segmentation/sam2`. `cached` says that no model ran. */
  segment(request: ClinicalRequest, options: RequestOptions = {}): Promise<ClinicalResponse> {
    return this.#transport.json(
      { method: "POST", path: "/api/segmentation/sam2", json: request, defaultTimeoutMs: 35_000 },
      options,
    );
  }

  /** `GET /api/segmentation/health`: automatic, or by hand only. */
  health(options: RequestOptions = {}): Promise<ClinicalHealth> {
    return this.#transport.json(
      { method: "GET", path: "/api/segmentation/health", defaultTimeoutMs: 35_000 },
      options,
    );
  }
}
