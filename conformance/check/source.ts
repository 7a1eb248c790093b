// The project's source files as the checks see them: path, text, the text with comments and string contents blanked out,
// and what each file imports.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { importsOf } from './imports.ts';
import { masked } from './mask.ts';

export type Violation = { file: string; message: string };

export type SourceFile = {
  /** Relative to the project, with forward slashes: `server/store/write.ts`. */
  path: string;
  /** The text with every comment, string content and regular expression replaced by spaces; same length. */
  code: string;
  /** Paths like `path` for relative imports, bare names (`pg`, `node:fs`) for the rest. */
  imports: string[];
  /** How many `import(…)` have an argument that is not a plain string, so that no check can follow them. */
  openImports: number;
};

const FOLDERS = ['server', 'mappings', 'connectors', 'profiles', 'conformance', 'test'];

/** Reads every `.ts`, `.js`, `.mjs` and `.cjs` file of the project's source folders, in a stable order. */
export function sourceFiles(root: string): SourceFile[] {
  return FOLDERS.flatMap((folder) => filesUnder(root, folder)).map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const code = masked(text);
    const { specifiers, open } = importsOf(text, code);
    return { path, code, imports: specifiers.map((name) => resolved(path, name)), openImports: open };
  });
}

function filesUnder(root: string, folder: string): string[] {
  if (!statSync(join(root, folder), { throwIfNoEntry: false })) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(root, path);
      return /\.([cm]?js|ts)$/.test(entry.name) ? [path] : [];
    });
}

function resolved(from: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(from), name) : name;
}
