import { expect } from "vitest";
import { type Check, type Row, wrongSessions } from "./row.js";
import { announce, giveUp, inChunks } from "./send.js";
import { expectProblem, limits, type SessionKind, type Site } from "./site.js";

export interface JsonRowOptions {
  /** A right request, but for its session. */
  readonly right: Readonly<Record<string, unknown>>;
  /** Whose session its `session_id` names; else why it has none. */
  readonly session: SessionKind | { readonly none: string };
  /** Members that must be there though the schema alone does not say so: one of several. */
  readonly alsoRequired?: readonly string[];
  /** Wrong requests beyond those that follow from the schema, with the field at fault. */
  readonly wrong?: readonly (readonly [Readonly<Record<string, unknown>>, string])[];
  /** Bound on its body. Default: that of bodies without pictures. */
  readonly carriesPictures?: boolean;
  /** What the document says of another content type. Default 415. */
  readonly otherContentType?: number;
}

/** Bound on a body with pictures: a file in base64, and what else a request says. */
const maxPictureBodyBytes = Math.ceil(limits.maxFileBytes / 3) * 4 + limits.maxJsonBytes;
const json = { "content-type": "application/json" };

/** A route that takes JSON. Members and their kinds are read from the OpenAPI document. */
export function jsonRow(path: string, options: JsonRowOptions): Row {
  const { right, session, alsoRequired = [], wrong = [], otherContentType = 415 } = options;
  const draft = { method: "POST", path, headers: json };
  const maxBytes = options.carriesPictures ? maxPictureBodyBytes : limits.maxJsonBytes;
  /** With a session that is there, so that nothing else is wrong. */
  const whole = async (site: Site) => ({
    ...(typeof session === "string" && { session_id: await site.newSession(session) }),
    ...right,
  });
  const withSession = (check: (site: Site, kind: SessionKind) => Promise<void>): Check =>
    typeof session === "string" ? (site) => check(site, session) : session.none;

  return {
    async "missing field"(site) {
      const request = await whole(site);
      const required = [...(bodySchema(site, path).required ?? []), ...alsoRequired];
      expect(required.length).toBeGreaterThan(0);
      for (const field of required) {
        const { [field]: _left, ...others } = request as Record<string, unknown>;
        await expectProblem(await site.caller.post(path, others), 400, field);
      }
    },
    async "wrong type"(site) {
      const request = await whole(site);
      const { properties = {}, required = [] } = bodySchema(site, path);
      // Clients that write `null` for what they leave out are understood, where it may be left out.
      for (const field of Object.keys(properties))
        for (const value of [{ not: "this" }, ...(required.includes(field) ? [null] : [])])
          await expectProblem(
            await site.caller.post(path, { ...request, [field]: value }),
            400,
            new RegExp(`^${field}(?:$|[.[])`),
          );
      for (const [members, field] of wrong)
        await expectProblem(await site.caller.post(path, { ...request, ...members }), 400, field);
      for (const body of ["[1, 2]", '"text"', "null", "{", "", "{} {}", "\u0000"])
        await expectProblem(await site.caller.fetch("POST", path, { headers: json, body }), 400, "body");
      const noText = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
      await expectProblem(
        await site.caller.fetch("POST", path, { headers: json, body: noText }),
        400,
        "body",
      );
    },
    "wrong session": withSession(async (site, kind) => {
      const other = await site.newSession(kind === "demo" ? "painter" : "demo");
      for (const session_id of [...wrongSessions, other])
        await expectProblem(await site.caller.post(path, { ...right, session_id }), 404, "session_id");
    }),
    "expired session": withSession(async (site) => {
      const request = await whole(site);
      await site.afterTheEnd(async () => {
        await expectProblem(await site.caller.post(path, request), 410, "session_id");
      });
    }),
    async "too large"(site) {
      await expectProblem(await announce(site, draft, maxBytes + 1), 413, "body");
      const chunk = " ".repeat(4_000);
      const chunks = Array.from({ length: Math.ceil(maxBytes / chunk.length) + 1 }, () => chunk);
      await expectProblem(await inChunks(site, draft, chunks), 413, "body");
      // What just fits is read: here it is no JSON.
      const fits = await inChunks(site, draft, [" ".repeat(maxBytes)]);
      await expectProblem(fits, 400, "body");
    },
    async "wrong content type"(site) {
      const body = JSON.stringify(await whole(site));
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
        await expectProblem(
          await site.caller.fetch("POST", path, {
            body: Buffer.from(body),
            headers: type === "" ? {} : { "content-type": type },
          }),
          otherContentType,
          "content-type",
        );
      const packed = { ...json, "content-encoding": "gzip" };
      await expectProblem(
        await site.caller.fetch("POST", path, { body, headers: packed }),
        otherContentType,
        "content-encoding",
      );
    },
    async "aborted upload"(site) {
      await giveUp(site, draft, JSON.stringify(await whole(site)).slice(0, -1));
    },
  };
}

interface BodySchema {
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The body's schema, from the document. */
function bodySchema({ api }: Site, path: string): BodySchema {
  // biome-ignore lint/suspicious/noExplicitAny: a document whose members are read
  const document = api.openapi as any;
  const schema = document.paths[path].post.requestBody.content["application/json"].schema as BodySchema;
  return schema.$ref ? document.components.schemas[schema.$ref.split("/").at(-1)!] : schema;
}
