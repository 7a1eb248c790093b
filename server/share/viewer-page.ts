// The viewer page of links: one document with its own style and script and nothing from elsewhere. The script is the reading/
// folder, which this server and its tests run too, and viewer/; types are taken out as Node takes them out.

import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

export type ViewerPage = { html: string /** Content-Security-Policy. */; policy: string };

/** In the order in which they need each other. */
const modules = [
  ...['reading/base64url.ts', 'reading/link.ts', 'reading/file.ts', 'reading/manifest.ts', 'reading/shown.ts'],
  'viewer/viewer.js',
];

export function viewerPage(): ViewerPage {
  const script = scriptOf(modules);
  const style = readFileSync(new URL('viewer/viewer.css', import.meta.url), 'utf8');
  const frame = readFileSync(new URL('viewer/viewer.html', import.meta.url), 'utf8');
  const html = frame.replace('/* style */', () => style).replace('/* script */', () => script);
  const policy = [
    "default-src 'none'",
    `script-src '${digestOf(script)}'`,
    `style-src '${digestOf(style)}'`,
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

/** One script out of several modules: each gives what it exports to those behind it, and keeps the rest to itself. */
export function scriptOf(paths: readonly string[]): string {
  const scripts = paths.map((path) => {
    const plain = withoutTypes(readFileSync(new URL(path, import.meta.url), 'utf8'));
    const exported = [...plain.matchAll(/^export (?:const|(?:async )?function) (\w+)/gm)].map(([, name]) => name);
    const body = plain.replace(/^import\b[^;]*;$/gm, '').replace(/^export /gm, '');
    return `const { ${exported.join(', ')} } = (() => {\n${body}\nreturn { ${exported.join(', ')} };\n})();`;
  });
  return scripts.join('\n');
}

/** Node calls the function new, and would say so at each start; it is pinned here with Node itself. */
function withoutTypes(source: string): string {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

const digestOf = (text: string): string => `sha256-${hash('sha256', text, 'base64')}`;
