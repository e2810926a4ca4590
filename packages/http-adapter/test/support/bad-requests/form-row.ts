import { expect } from "vitest";
import { type Row, wrongSessions } from "./row.js";
import { announce, giveUp, inChunks, inTwoParts } from "./send.js";
import { expectProblem, limits, type SessionKind, type Site } from "./site.js";

const EDGE = "edge";
const headers = { "content-type": `multipart/form-data; boundary=${EDGE}` };
const file = (name = "file") =>
  `--${EDGE}\r\ncontent-disposition: form-data; name="${name}"; filename="a.jpg"\r\n\r\n`;
/** Where nothing is whole, the form is at fault; else its file. */
const partOfForm = /^(?:file|form)$/;
const end = `\r\n--${EDGE}--\r\n`;

export interface FormRowOptions {
  /** The first bytes of a picture, as a client sends them. */
  readonly picture: () => Uint8Array;
  /** Whose session the path names, as `{session_id}`; else why it names none. */
  readonly session: SessionKind | { readonly none: string };
}

/** A route that takes one picture in a multipart form. */
export function formRow(template: string, { picture, session }: FormRowOptions): Row {
  const at = (id: string) => template.replace("{session_id}", encodeURIComponent(id));
  const draft = async (site: Site) => ({
    method: "POST",
    path: typeof session === "string" ? at(await site.newSession(session)) : template,
    headers,
  });
  const form = (path: string, site: Site) => site.caller.upload(path, new Blob([new Uint8Array(picture())]));

  return {
    async "missing field"(site) {
      const { path } = await draft(site);
      await expectProblem(await site.caller.upload(path, undefined, "", { name: "a name" }), 400, "file");
      await expectProblem(
        await site.caller.fetch("POST", path, { headers, body: end.slice(2) }),
        400,
        partOfForm,
      );
    },
    async "wrong type"(site) {
      const { path } = await draft(site);
      const kept = await site.uploads();
      // Text where a file goes, a file of another name, two files, no picture at all, half a picture's header.
      await expectProblem(await site.caller.upload(path, undefined, "", { file: "a text" }), 400, "file");
      const send = (body: string | Uint8Array) =>
        site.caller.fetch("POST", path, { headers, body: Buffer.from(body) });
      await expectProblem(await send(`${file("picture")}x${end}`), 400, "file");
      const two = Buffer.concat([
        Buffer.from(file()),
        picture(),
        Buffer.from(`\r\n${file()}`),
        picture(),
        Buffer.from(end),
      ]);
      await expectProblem(await send(two), 400, "form");
      await expectProblem(await send(`${file()}no picture${end}`), 415, "file");
      const half = Buffer.concat([Buffer.from(file()), picture().subarray(0, 12), Buffer.from(end)]);
      await expectProblem(await send(half), 400, "file");
      for (const broken of [file(), `${file()}x`, "nothing", "", `--${EDGE}`])
        await expectProblem(await send(broken), 400, partOfForm);
      // A form that breaks when its picture is stored already takes it back.
      const whole = Buffer.concat([Buffer.from(file()), picture(), Buffer.from(`\r\n--${EDGE}\r\n`)]);
      const stored = () => expect.poll(site.uploads).toHaveLength(kept.length + 1);
      const request = { method: "POST", path, headers };
      await expectProblem(await inTwoParts(site, request, whole, stored, "no part at all"), 400, "form");
      expect(await site.uploads()).toEqual(kept);
    },
    "wrong session":
      typeof session === "string"
        ? async (site) => {
            const other = await site.newSession(session === "demo" ? "painter" : "demo");
            for (const id of [...wrongSessions, other])
              await expectProblem(await form(at(id), site), 404, "session_id");
          }
        : session.none,
    "expired session":
      typeof session === "string"
        ? async (site) => {
            const path = at(await site.newSession(session));
            await site.afterTheEnd(async () => {
              await expectProblem(await form(path, site), 410, "session_id");
            });
          }
        : session.none,
    async "too large"(site) {
      const request = await draft(site);
      const kept = await site.uploads();
      await expectProblem(await announce(site, request, limits.maxFileBytes * 3), 413, "file");
      const chunks = Array.from({ length: 10 }, () => new Uint8Array(limits.maxFileBytes / 5));
      await expectProblem(await inChunks(site, request, [file(), picture(), ...chunks, end]), 413, "file");
      expect(await site.uploads()).toEqual(kept);
    },
    async "wrong content type"(site) {
      const { path } = await draft(site);
      for (const type of [
        "application/json",
        "image/jpeg",
        "multipart/form-data",
        "multipart/mixed; boundary=edge",
      ])
        await expectProblem(
          await site.caller.fetch("POST", path, {
            headers: { "content-type": type },
            body: Buffer.from(`${file()}x${end}`),
          }),
          415,
          "content-type",
        );
      await expectProblem(
        await site.caller.fetch("POST", path, {
          headers: { ...headers, "content-encoding": "gzip" },
          body: `${file()}x${end}`,
        }),
        415,
        "content-encoding",
      );
    },
    async "aborted upload"(site) {
      const request = await draft(site);
      const kept = await site.uploads();
      await giveUp(site, request, Buffer.concat([Buffer.from(file()), picture()]));
      expect(await site.uploads()).toEqual(kept);
    },
  };
}
