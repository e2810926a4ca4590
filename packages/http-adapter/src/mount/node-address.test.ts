import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { nodeAddress } from "./node-address.js";

const from = (url: string, host: string | undefined = "example.com:8000", encrypted = false) =>
  nodeAddress({ url, headers: { host }, socket: { encrypted } } as unknown as IncomingMessage);

describe("the address of a request, as Node has read it", () => {
  for (const [target, pathname, search] of [
    ["/", "/", ""],
    ["/vision/health", "/vision/health", ""],
    ["/vision/health/", "/vision/health/", ""],
    ["/files?name=a&size=2", "/files", "?name=a&size=2"],
    ["/files/a%2Fb", "/files/a%2Fb", ""],
    ["/files/..%2Fetc", "/files/..%2Fetc", ""],
    ["/vision/../health", "/health", ""],
    ["/vision/%2e%2e/health", "/health", ""],
    ["//elsewhere.example/health", "//elsewhere.example/health", ""],
    ["/name with spaces", "/name%20with%20spaces", ""],
    ["http://other.example/health?x=1", "/health", "?x=1"],
  ] as const)
    it(`${target} is ${pathname}${search}, as URL says`, () => {
      const address = from(target);
      expect(address).toMatchObject({ pathname, search });
      const base = target.startsWith("http") ? "" : "http://example.com:8000";
      const url = new URL(`${base}${target}`);
      expect(address).toEqual({ origin: url.origin, pathname: url.pathname, search: url.search });
    });

  it("says the scheme of the connection, and a port only where it is not the usual one", () => {
    expect(from("/", "example.com", true).origin).toBe("https://example.com");
    expect(from("/", "EXAMPLE.com:80").origin).toBe("http://example.com");
    expect(from("/", "[::1]:8000").origin).toBe("http://[::1]:8000");
  });

  it("takes HTTP/1.0 without a host, and the authority of HTTP/2", () => {
    expect(from("/health", "").origin).toBe("http://localhost");
    const headers = { ":authority": "two.example" };
    const incoming = { url: "/", headers, socket: { encrypted: true } } as unknown as IncomingMessage;
    expect(nodeAddress(incoming).origin).toBe("https://two.example");
  });

  for (const host of ["user@example.com", "example.com/path", "a b", 'x"><script>', "example.com:99999"])
    it(`refuses the host ${host}`, () => {
      expect(() => from("/", host)).toThrow(
        expect.objectContaining({ code: "INVALID_INPUT", field: "host" }) as Error,
      );
    });

  for (const target of ["/vision\\..\\health", "health", "*", "http://"])
    it(`refuses the target ${target}`, () => {
      expect(() => from(target)).toThrow(
        expect.objectContaining({ code: "INVALID_INPUT", field: "path" }) as Error,
      );
    });
});
