import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { abortError, throwIfAborted } from "@maskery/core";
import { errorCode } from "../files/error-code.js";

/** The holder shows this often that it lives. */
const heartbeatMs = 2_000;

/** A lock whose holder has not been seen for so long belongs to nobody, whatever machine it came from. */
const silenceLimitMs = 20_000;

/** The same, when the process that took it is known to be gone from this machine. */
const silenceLimitOfDeadMs = 3 * heartbeatMs;

const pollMs = 200;

interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

/** Somebody else took the lock over, because this process was stopped for long. */
export class LockLostError extends Error {}

export interface HeldLock {
  /** Costs nothing while the heart beats in time. @throws LockLostError. */
  ensureHeld(): Promise<void>;
  /** Looks at the lock itself. @throws LockLostError. */
  verify(): Promise<void>;
}

export interface FileLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called again and again while another holds the lock. */
  readonly onWait?: () => void | Promise<void>;
}

/**
 * Runs `work` while this process, and this call in it, alone holds a lock file. A lock left behind by a process that died is
 * taken over: by its silence, not by comparing clocks, so that several machines may share the folder. A holder that was stopped
 * and goes on later finds out by `ensureHeld`.
 * @throws What the file system throws, MaskeryError `ABORTED`, and what `work` throws.
 */
export async function withFileLock<T>(
  path: string,
  work: (lock: HeldLock) => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  const holder: LockHolder = {
    pid: process.pid,
    host: hostname(),
    token: randomBytes(8).toString("hex"),
  };
  await acquire(path, holder, options);
  let lastBeat = performance.now();
  const verify = async () => {
    const found = await look(path);
    if (found?.holder.token !== holder.token) throw new LockLostError(`the lock ${path} was taken over`);
  };
  const heartbeat = setInterval(() => {
    verify()
      .then(() => utimes(path, new Date(), new Date()))
      .then(() => {
        lastBeat = performance.now();
      })
      // A beat that fails is noticed by its absence.
      .catch(() => undefined);
  }, heartbeatMs);
  heartbeat.unref();
  try {
    return await work({
      verify,
      async ensureHeld() {
        if (performance.now() - lastBeat > silenceLimitOfDeadMs) await verify();
      },
    });
  } finally {
    clearInterval(heartbeat);
    await release(path, holder);
  }
}

async function acquire(path: string, holder: LockHolder, { signal, onWait }: FileLockOptions): Promise<void> {
  let lastSeen: { readonly sign: string; readonly at: number } | undefined;
  for (;;) {
    throwIfAborted(signal);
    if (await create(path, holder)) return;
    const found = await look(path);
    if (!found) continue; // released in between
    const now = performance.now();
    if (lastSeen?.sign !== found.sign) lastSeen = { sign: found.sign, at: now };
    const limit = isDead(found.holder) ? silenceLimitOfDeadMs : silenceLimitMs;
    if (now - lastSeen.at > limit) {
      await takeAway(path, found.sign);
      continue;
    }
    await onWait?.();
    await delay(pollMs, undefined, { signal }).catch((error: unknown) => {
      throw signal?.aborted ? abortError(signal) : error;
    });
  }
}

async function create(path: string, holder: LockHolder): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(JSON.stringify(holder));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    // Windows says EPERM or EBUSY about a file that is just being deleted.
    if (["EEXIST", "EBUSY"].includes(errorCode(error) ?? "")) return false;
    if (errorCode(error) === "EPERM" && process.platform === "win32") return false;
    throw error;
  }
}

/** What can be seen of a lock. `sign` changes with every heartbeat and every holder. */
async function look(
  path: string,
): Promise<{ readonly sign: string; readonly holder: Partial<LockHolder> } | undefined> {
  try {
    const [{ mtimeMs }, text] = await Promise.all([stat(path), readFile(path, "utf8")]);
    return { sign: `${mtimeMs} ${text}`, holder: parseHolder(text) };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A lock that was not written to its end says nothing. */
function parseHolder(text: string): Partial<LockHolder> {
  try {
    return JSON.parse(text) as LockHolder;
  } catch {
    return {};
  }
}

function isDead({ pid, host }: Partial<LockHolder>): boolean {
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
}

/**
 * Removes the lock that was looked at, and no newer one: two that wait may both find it dead, and the second must not remove
 * what the first has put there since.
 */
async function takeAway(path: string, sign: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  const taken = await look(aside);
  if (taken && taken.sign !== sign) await rename(aside, path);
  else await rm(aside, { force: true });
}

async function release(path: string, { token }: LockHolder): Promise<void> {
  try {
    if (parseHolder(await readFile(path, "utf8")).token === token) await rm(path, { force: true });
  } catch {
    // Somebody took it over; it is theirs now.
  }
}
