import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { readUpload } from "./read-upload.js";

const CHUNK_BYTES = 64 * 1024;
const CHUNKS = 60;

/** Collects what nobody needs now, not at some time. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

it("keeps no chunk that has passed: each was held by a race until the upload ended", async () => {
  const passed: WeakRef<Uint8Array>[] = [];
  let sent = 0;
  let mostAlive = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (sent === 0)
          controller.enqueue(
            Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'),
          );
        if (sent === CHUNKS) {
          controller.enqueue(Buffer.from("\r\n--b--\r\n"));
          controller.close();
          return;
        }
        // A turn of its own, so that nothing under way holds the chunks before.
        await new Promise((resolve) => setImmediate(resolve));
        if (sent === CHUNKS / 2) {
          collect();
          mostAlive = passed.filter((chunk) => chunk.deref() !== undefined).length;
        }
        const chunk = new Uint8Array(CHUNK_BYTES).fill(sent++);
        passed.push(new WeakRef(chunk));
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" };
  const { file } = await readUpload(new Request("http://localhost/upload", init), {
    fileField: "file",
    maxFileBytes: 2 * CHUNKS * CHUNK_BYTES,
    signal: new AbortController().signal,
    async receive({ content }) {
      let bytes = 0;
      for await (const chunk of content) bytes += chunk.length;
      return bytes;
    },
    discard: async () => {},
  });
  expect(file).toBe(CHUNKS * CHUNK_BYTES);
  expect(passed).toHaveLength(CHUNKS);
  // Those under way are: one in the form, one in the file's stream, one with the receiver.
  expect(mostAlive).toBeLessThan(8);
});
