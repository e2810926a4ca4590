import type { Platform } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import type { DecodedObject, PromptAbilities } from "../../model/layout.js";
import type { Prompt } from "../../prompt/prompt.js";
import type { Embedding } from "../embedding.js";
import { writeEmbedding } from "../embedding-format.js";
import type { Decoder } from "../placement.js";
import { referenceOf, rememberReference } from "./embedding-references.js";
import { readPlanes } from "./planes-message.js";
import { writePrompts } from "./prompts-message.js";
import { PLANES_MEDIA_TYPE, PROMPTS_MEDIA_TYPE } from "./protocol.js";
import { checkSameModel, type RemoteConnection, requireHalf } from "./remote-connection.js";
import { askHalf, overConnection, type RemoteHalf, remoteHalf } from "./remote-half.js";
import type { RemoteOptions } from "./remote-options.js";

export interface RemoteDecoder extends Decoder, RemoteHalf {
  readonly contractVersion: 1;
}

type Objects = readonly DecodedObject[];

/**
 * A decoder on another machine. Prompts name the embedding by its hash; the embedding itself is sent only to a server that
 * does not have it, and once where several prompts ask at the same time.
 * @throws MaskeryError as `remoteEncoder`.
 */
export async function remoteDecoder(
  options: RemoteOptions & CallOptions,
  platform: Pick<Platform, "sha256">,
): Promise<RemoteDecoder> {
  return overConnection(options, "remote.decoder", (connection) => decoderOver(connection, platform));
}

export function decoderOver(connection: RemoteConnection, platform: Pick<Platform, "sha256">): RemoteDecoder {
  const { client, options, health } = connection;
  const { modelFingerprint } = health;
  const { device, abilities: stated } = requireHalf(health.decoder, "a decoder", client.host);
  const { needsBox, ...others } = stated;
  const abilities: PromptAbilities = needsBox === undefined ? others : { ...others, needsBox };
  const sending = new Map<string, Promise<unknown>>();

  const ask = (body: Uint8Array<ArrayBuffer>, prompts: readonly Prompt[], call: CallOptions) =>
    askHalf(
      connection,
      { path: "decode", mediaType: PROMPTS_MEDIA_TYPE, accept: PLANES_MEDIA_TYPE, body },
      ({ bytes }): Objects => {
        const answer = readPlanes(bytes);
        checkSameModel(client.host, modelFingerprint, answer.modelFingerprint);
        if (answer.objects.length !== prompts.length)
          throw invalidInput("planes.objects", `${prompts.length} objects`, answer.objects.length);
        return answer.objects;
      },
      call,
    );

  /** Undefined where the server does not have the embedding. */
  const askByName = (reference: string, prompts: readonly Prompt[], call: CallOptions) =>
    ask(writePrompts(reference, prompts), prompts, call).catch((error: unknown) => {
      if (MaskeryError.is(error) && error.code === "NOT_FOUND" && error.field === "embedding")
        return undefined;
      throw error;
    });

  const askWithEmbedding = async (embedding: Embedding, prompts: readonly Prompt[], call: CallOptions) => {
    const bytes = await writeEmbedding(embedding, platform, options.precision);
    const reference = await platform.sha256([bytes]);
    const objects = await ask(writePrompts(reference, prompts, bytes), prompts, call);
    rememberReference(embedding, reference);
    return objects;
  };

  return {
    ...remoteHalf(connection, device),
    abilities,
    async decode(embedding, prompts, call = {}) {
      checkEmbedding(embedding, modelFingerprint);
      if (prompts.length === 0) return [];
      const reference = await referenceOf(embedding, platform, options.precision);
      const known = await askByName(reference, prompts, call);
      if (known) return known;
      const underWay = sending.get(reference);
      if (underWay) {
        // Another prompt takes the embedding there; its failure is its own.
        await underWay.catch(() => undefined);
        const sentReference = await referenceOf(embedding, platform, options.precision);
        const later = await askByName(sentReference, prompts, call);
        if (later) return later;
      }
      const sent = askWithEmbedding(embedding, prompts, call);
      sending.set(reference, sent);
      const forget = () => {
        if (sending.get(reference) === sent) sending.delete(reference);
      };
      sent.then(forget, forget);
      return sent;
    },
  };
}

function checkEmbedding(embedding: Embedding, modelFingerprint: string): void {
  if (embedding.modelFingerprint === modelFingerprint) return;
  throw new MaskeryError(
    "INVALID_INPUT",
    `embedding: expected one made by the model with the fingerprint ${modelFingerprint}, received one of ` +
      embedding.modelFingerprint,
    { field: "embedding" },
  );
}
