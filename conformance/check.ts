// `npm run check`: types, lint and format, import cycles, the arrows between parts, the import rules, the lock file.
// One line per step, every violation as `file: message`, a summary last; exit code 1 on any.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arrowViolations } from './check/arrows.ts';
import { cycleViolations, folderPairViolations } from './check/graph.ts';
import { lockViolations } from './check/lock.ts';
import { ruleViolations } from './check/rules.ts';
import { sourceFiles, type Violation } from './check/source.ts';
import { styleViolations, typeViolations } from './check/tools.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const startedMs = performance.now();
// Both tools run in processes of their own while the checks below read the sources.
const types = typeViolations(root);
const style = styleViolations(root);
const files = sourceFiles(root);
const steps: [string, Violation[]][] = [
  ['arrows', arrowViolations(files)],
  ['import rules', ruleViolations(files)],
  ['import cycles', cycleViolations(files)],
  ['folder pairs', folderPairViolations(files)],
  ['lock file', lockViolations(root)],
  ['types', await types],
  ['lint and format', await style],
];
for (const [name, found] of steps) {
  console.log(`${name}: ${found.length === 0 ? 'ok' : `${found.length} found`}`);
  for (const { file, message } of found) console.log(`  ${file}: ${message}`);
}
const total = steps.reduce((sum, [, found]) => sum + found.length, 0);
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
console.log(`check: ${total === 0 ? 'clean' : `${total} violations`}, ${files.length} files, ${seconds} s`);
process.exitCode = total === 0 ? 0 : 1;
