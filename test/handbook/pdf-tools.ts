// PDFs as programs of others read them: poppler (pdftotext, pdffonts) and qpdf.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the machine has all of them. */
export function hasPdfTools(): boolean {
  return ['pdftotext', 'pdffonts', 'qpdf'].every((name) => {
    try {
      execFileSync('which', [name], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/** What a program prints about a PDF; `PDF` among the arguments is its file. Throws where it finds fault. */
export function said(program: string, args: readonly string[], pdf: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsumugi-pdf-'));
  try {
    const file = join(folder, 'one.pdf');
    writeFileSync(file, pdf);
    return execFileSync(
      program,
      args.map((one) => (one === 'PDF' ? file : one)),
      { encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'] },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const textIn = (pdf: Uint8Array): string => said('pdftotext', ['-layout', 'PDF', '-'], pdf);

/** The rows of pdffonts: name and whether it is embedded. */
export const fontsIn = (pdf: Uint8Array): { name: string; isEmbedded: boolean }[] =>
  said('pdffonts', ['PDF'], pdf)
    .split('\n')
    .slice(2)
    .filter(Boolean)
    .map((row) => ({ name: row.split(/\s+/)[0] ?? '', isEmbedded: /Identity-H\s+yes\s+yes\s+yes/.test(row) }));
