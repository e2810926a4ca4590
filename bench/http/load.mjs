// @ts-check
/**
 * Asks an address over and over, from a process of its own. It writes to plain sockets and looks at no more of an answer than
 * its status and length: Node's own client needs more time than a server, and would be what is measured.
 */
import { connect } from "node:net";
import { answerParent } from "./child.mjs";

answerParent({ load, close: () => undefined });

/**
 * @param {{ url: string, connections: number, milliseconds: number }} options
 * @returns {Promise<{ requests: number, seconds: number }>}
 */
async function load({ url, connections, milliseconds }) {
  const { hostname, port, host, pathname } = new URL(url);
  const question = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
  const startedAt = performance.now();
  const endsAt = startedAt + milliseconds;
  const counts = await Promise.all(
    Array.from({ length: connections }, () => askUntil(hostname, Number(port), question, endsAt)),
  );
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/**
 * @param {string} hostname
 * @param {number} port
 * @param {string} question
 * @param {number} endsAt
 * @returns {Promise<number>} How many answers came.
 */
function askUntil(hostname, port, question, endsAt) {
  return new Promise((resolve, reject) => {
    let came = "";
    let answers = 0;
    const socket = connect({ host: hostname, port, noDelay: true }, () => socket.write(question));
    socket.setEncoding("latin1").on("data", (text) => {
      came += text;
      const headEnds = came.indexOf("\r\n\r\n");
      if (headEnds < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(came)?.[1]);
      if (!came.startsWith("HTTP/1.1 200 ") || Number.isNaN(length)) {
        socket.destroy(new Error(`unexpected answer: ${came.slice(0, 200)}`));
        return;
      }
      if (came.length < headEnds + 4 + length) return;
      came = "";
      answers++;
      if (performance.now() < endsAt) socket.write(question);
      else socket.end();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answers));
  });
}
