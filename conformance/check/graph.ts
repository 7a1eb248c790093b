// Cycles among files and pairs of folders that import each other, over the whole project and type imports included.
import { posix } from 'node:path';
import type { SourceFile, Violation } from './source.ts';

/** One violation per group of files that import each other in a circle, at the first of them by name. */
export function cycleViolations(files: SourceFile[]): Violation[] {
  const graph = new Map(files.map((file) => [file.path, file.imports]));
  return circles(graph).map((group) => ({
    file: group[0] ?? '',
    message: `import cycle: ${circleThrough(graph, group).join(' -> ')}`,
  }));
}

/**
 * One violation per pair of folders that import each other, directly. A folder and one inside it are not a pair: a data
 * folder takes its types from the folder around it, which in turn reads the data.
 */
export function folderPairViolations(files: SourceFile[]): Violation[] {
  const known = new Set(files.map((file) => file.path));
  const example = new Map<string, { file: string; target: string }>();
  for (const file of files) {
    for (const target of file.imports.filter((path) => known.has(path))) {
      const [from, to] = [posix.dirname(file.path), posix.dirname(target)];
      if (!inside(from, to) && !inside(to, from)) example.set(`${from} ${to}`, { file: file.path, target });
    }
  }
  return [...example].flatMap(([pair, there]) => {
    const [from = '', to = ''] = pair.split(' ');
    const back = example.get(`${to} ${from}`);
    if (!back || from > to) return [];
    const message = `folders import each other: ${from} -> ${to} (${there.target}), ${to} -> ${from} (${back.file})`;
    return [{ file: there.file, message }];
  });
}

function inside(folder: string, outer: string): boolean {
  return folder === outer || folder.startsWith(`${outer}/`);
}

// Strongly connected groups of two or more files, and files that import themselves: reachable and reached.
function circles(graph: Map<string, string[]>): string[][] {
  const seen = new Set<string>();
  const order: string[] = [];
  for (const node of graph.keys())
    visit(node, (at) => (graph.get(at) ?? []).filter((to) => graph.has(to)), seen, order);
  const reverse = new Map<string, string[]>([...graph.keys()].map((node) => [node, []]));
  for (const [from, targets] of graph) for (const to of targets) reverse.get(to)?.push(from);
  const taken = new Set<string>();
  return order
    .reverse()
    .map((node) => visit(node, (at) => reverse.get(at) ?? [], taken, []).sort())
    .filter((group) => group.length > 1 || group.some((node) => graph.get(node)?.includes(node)));
}

// Depth first from `start`; pushes each node to `done` after those behind it, and returns `done`.
function visit(start: string, next: (node: string) => string[], seen: Set<string>, done: string[]): string[] {
  if (seen.has(start)) return done;
  seen.add(start);
  for (const node of next(start)) visit(node, next, seen, done);
  done.push(start);
  return done;
}

// A shortest way round within the group, from its first file back to it.
function circleThrough(graph: Map<string, string[]>, group: string[]): string[] {
  const start = group[0] ?? '';
  const members = new Set(group);
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of (graph.get(way.at(-1) ?? '') ?? []).filter((path) => members.has(path))) {
      if (next === start) return [...way, start];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return group;
}
