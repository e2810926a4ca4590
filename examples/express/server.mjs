// @ts-check
/**
 * An application that was there before: its own pages, a login, a body parser, an error handler. Segmentation comes in with
 * two lines, behind the login.
 *
 *   node examples/express/server.mjs        then open http://localhost:3000
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createSegmentationApi } from "@maskery/http-adapter";
import { toExpress } from "@maskery/http-adapter/express";
import { createNodePlatform, createSegmenter } from "@maskery/node";
import express from "express";

const port = Number(process.env["PORT"] ?? 3000);
const password = process.env["DEMO_PASSWORD"] ?? "masks";

const app = express();
app.use(express.json());
app.use(express.urlencoded({ extended: false }));

/** @type {Set<string>} */
const logins = new Set();

app.get("/", (_request, response) => {
  response.type("html").send(`<h1>An application</h1>
<form method="post" action="/login"><input name="password" type="password" placeholder="${password}"> <button>Log in</button></form>
<p><a href="/vision/docs">Segmentation</a> is there after the login.</p>`);
});

app.post("/login", (request, response) => {
  const given = Buffer.from(String(request.body?.password ?? ""));
  const wanted = Buffer.from(password);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return void response.status(401).json({ error: "wrong password" });
  const login = randomBytes(24).toString("base64url");
  logins.add(login);
  response.cookie("login", login, { httpOnly: true, sameSite: "lax" });
  response.json({ ok: true });
});

/** @type {import("express").RequestHandler} */
const onlyLoggedIn = (request, response, next) => {
  const login = /(?:^|; )login=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  return login && logins.has(login) ? next() : void response.status(401).json({ error: "log in first" });
};

app.get(
  "/orders/:id",
  onlyLoggedIn,
  (request, response) => void response.json({ order: request.params["id"] }),
);

// The two lines.
/** @type {Promise<import("@maskery/node").Segmenter> | undefined} */
let segmenter;
const api = createSegmentationApi({
  segmenter: () => (segmenter ??= createSegmenter()),
  platform: createNodePlatform(),
  cors: false,
});
app.use("/vision", onlyLoggedIn, toExpress(api));

app.use((_request, response) => void response.status(404).json({ error: "no such page" }));

const server = app.listen(port, "127.0.0.1", () => {
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`listening on http://127.0.0.1:${address.port}`);
});

async function stop() {
  server.close();
  server.closeIdleConnections();
  await api.close();
  await (await segmenter)?.dispose();
}
process.once("SIGINT", stop).once("SIGTERM", stop);
