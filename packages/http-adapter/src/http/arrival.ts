/** A request on its way to a route. What costs time to make is made when somebody asks for it: most routes need little. */
export interface Arrival {
  readonly method: string;
  /** Path under which the host application mounted the API, without a slash at its end. */
  readonly mountPath: string;
  /** The request's whole path, as it was sent. */
  readonly pathname: string;
  /** What follows the path, with its question mark; empty where nothing does. */
  readonly search: string;
  /** For example `https://example.com`. */
  readonly origin: string;
  readonly request: Request;
  /** Fires when the client goes away. */
  readonly signal: AbortSignal;
  /** @param name - In lower case. */
  header(name: string): string | null;
}

export function arrivalOf(request: Request, mountPath: string): Arrival {
  const { pathname, search, origin } = new URL(request.url);
  return {
    method: request.method,
    mountPath,
    pathname,
    search,
    origin,
    request,
    get signal() {
      return request.signal;
    },
    header: (name) => request.headers.get(name),
  };
}

/** The path inside the mount, without slashes at its end: they never change the answer. */
export function pathInside({ mountPath, pathname }: Arrival): string {
  const inside = pathname === mountPath || pathname.startsWith(`${mountPath}/`);
  return withoutEndSlash(inside ? pathname.slice(mountPath.length) : pathname);
}

export function withoutEndSlash(path: string): string {
  const plain = path.endsWith("/") ? path.replace(/\/+$/, "") : path;
  return plain === "" ? "/" : plain;
}
