// What `npm ci` needs on a machine of any platform: exact versions for what only some platforms install (the pinned Node, the
// embedded PostgreSQL), and an entry in the lock file for everything that anything in it names, optional parts included.
// npm writes a lock file without the entries it could not fetch, and then refuses that file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from './source.ts';

type Needs = Partial<Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>>;
type Lock = { packages: Record<string, Needs> };

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** What package.json and the lock file of `root` would deny another platform. */
export function lockViolations(root: string): Violation[] {
  const manifest = json<Needs>(join(root, 'package.json'));
  const { packages } = json<Lock>(join(root, 'package-lock.json'));
  const ranges = Object.entries(manifest.optionalDependencies ?? {})
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `optionalDependencies: ${name} ${version} is not an exact version`);
  return [
    ...ranges.map((message) => ({ file: 'package.json', message })),
    ...[...differences(manifest, packages['']), ...gaps(packages)].map((message) => ({
      file: 'package-lock.json',
      message,
    })),
  ];
}

function differences(manifest: Needs, locked: Needs = {}): string[] {
  return KINDS.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([name, version]) => locked[kind]?.[name] !== version)
      .map(([name, version]) => `is older than package.json: ${name} ${version}`),
  );
}

function gaps(packages: Lock['packages']): string[] {
  return Object.entries(packages).flatMap(([path, needs]) =>
    KINDS.flatMap((kind) => Object.keys(needs[kind] ?? {}))
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `has no entry for ${name}, which ${path || 'package.json'} names: npm ci refuses it`),
  );
}

// As Node looks for a package: in the folder itself, then in each folder around it.
function isLocked(packages: Lock['packages'], path: string, name: string): boolean {
  if (packages[`${path ? `${path}/` : ''}node_modules/${name}`]) return true;
  if (path === '') return false;
  return isLocked(
    packages,
    path.includes('/node_modules/') ? path.slice(0, path.lastIndexOf('/node_modules/')) : '',
    name,
  );
}

function json<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
