/**
 * Keeps package-lock.json usable for `npm ci` on every platform and behind any registry:
 *   node scripts/lockfile.mjs        reports what is wrong, exit 1 if anything is
 *   node scripts/lockfile.mjs --fix  repairs it; run this after changing dependencies
 *
 * A registry mirror may lack the packages that carry binaries for platforms it does not serve. `npm install` then drops
 * these optional packages from the lock file without a word, and `npm ci` refuses a lock file without them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * @typedef {{ version?: string, resolved?: string, link?: boolean, dev?: boolean, optional?: boolean, os?: string[],
 *   cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} LockFile
 */

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = [
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];

/**
 * Optional packages that a locked package names, exactly pinned, but that the lock file does not hold.
 * @param {LockFile} lock
 */
export function missingOptionalPackages(lock) {
  const missing = [];
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (!lock.packages[`node_modules/${name}`] && /^\d/.test(version))
        missing.push({ parent, name, version });
    }
  }
  return missing;
}

/**
 * Addresses of registries, which would tie the lock file to one network.
 * @param {LockFile} lock
 */
export function registryAddresses(lock) {
  return Object.values(lock.packages).flatMap(({ link, resolved }) => (!link && resolved ? [resolved] : []));
}

/**
 * The lock entry for a platform package, its platform read from its name: `@scope/tool-linux-x64-musl`.
 * @param {{ parent: LockedPackage, name: string, version: string }} missing
 * @returns {LockedPackage}
 */
function platformEntry({ parent, name, version }) {
  const words = name.split(/[/-]/);
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.includes("gnu")
      ? "glibc"
      : undefined;
  const os = words.filter((word) => systems.includes(word));
  return {
    version,
    cpu: words.filter((word) => processors.includes(word)),
    ...(parent.dev ? { dev: true } : {}),
    ...(libc && os.includes("linux") ? { libc: [libc] } : {}),
    optional: true,
    os,
  };
}

/** @param {string} path */
export function lockFileProblems(path) {
  /** @type {LockFile} */
  const lock = JSON.parse(readFileSync(path, "utf8"));
  return [
    ...missingOptionalPackages(lock).map(
      ({ name }) => `${name} is missing: run node scripts/lockfile.mjs --fix`,
    ),
    ...registryAddresses(lock).map((address) => `names a registry: ${address}`),
  ];
}

/** @param {string} path */
function fixLockFile(path) {
  /** @type {LockFile} */
  const lock = JSON.parse(readFileSync(path, "utf8"));
  for (const missing of missingOptionalPackages(lock)) {
    lock.packages[`node_modules/${missing.name}`] = platformEntry(missing);
  }
  for (const entry of Object.values(lock.packages)) if (!entry.link) delete entry.resolved;
  const names = Object.keys(lock.packages).sort((a, b) => a.localeCompare(b, "en"));
  lock.packages = Object.fromEntries(names.map((name) => [name, lock.packages[name] ?? {}]));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = "package-lock.json";
  if (process.argv.includes("--fix")) fixLockFile(path);
  const problems = lockFileProblems(path);
  for (const problem of problems) console.error(`${path}: ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
