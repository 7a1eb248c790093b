// A small lexer that blanks out what is not code, so that the checks can search a file with plain patterns: a comment that
// mentions `process.env` or a string that holds "import x from 'pg'" must not count.

/**
 * The text with comments, contents of strings and templates, and regular expressions replaced by spaces. Quotes and line
 * breaks stay and the length is the same, so a position found in the answer is the position in the text.
 */
export function masked(text: string): string {
  let code = '';
  // For every open `${`, how many plain `{` are open inside it; a `}` at zero returns to the template.
  const templates: number[] = [];
  while (code.length < text.length) {
    const part = partAt(text, code, templates);
    const all = text.slice(code.length, part.end);
    code += part.code ? all : blankBetween(all, part.open ?? 0, part.close ?? 0);
  }
  return code;
}

/** Up to `end`: code that stays, or something of which only the first `open` and last `close` characters stay. */
type Part = { end: number; code?: boolean; open?: number; close?: number };

function partAt(text: string, before: string, templates: number[]): Part {
  const at = before.length;
  const here = text[at];
  const next = text[at + 1];
  if (here === '/' && next === '/') return { end: endOf(text, '\n', at) };
  if (here === '/' && next === '*') return { end: endOf(text, '*/', at + 2) + 2 };
  if (here === '#' && next === '!' && at === 0) return { end: endOf(text, '\n', at) };
  if (here === '/' && startsRegex(before)) return { end: regexEnd(text, at) };
  if (here === "'" || here === '"') return { end: stringEnd(text, at, here), open: 1, close: 1 };
  if (here === '`') return templatePart(text, at, templates);
  const depth = templates.at(-1);
  if (depth !== undefined && here === '{') templates[templates.length - 1] = depth + 1;
  if (depth !== undefined && here === '}') {
    if (depth === 0) {
      templates.pop();
      return templatePart(text, at, templates);
    }
    templates[templates.length - 1] = depth - 1;
  }
  return { end: at + 1, code: true };
}

// From a backtick, or from the `}` that ends a `${…}`: to the closing backtick, or to the next `${`.
function templatePart(text: string, at: number, templates: number[]): Part {
  let end = at + 1;
  while (end < text.length && text[end] !== '`' && !(text[end] === '$' && text[end + 1] === '{')) {
    end += text[end] === '\\' ? 2 : 1;
  }
  if (text[end] !== '$') return { end: end + 1, open: 1, close: 1 };
  templates.push(0);
  return { end: end + 2, open: 1, close: 2 };
}

function stringEnd(text: string, at: number, quote: string): number {
  let end = at + 1;
  while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

// A slash divides after a value (a name, a number, a closing bracket or quote) and opens a regular expression elsewhere.
function startsRegex(before: string): boolean {
  const near = before.slice(-400).trimEnd();
  if (/\b(return|typeof|case|in|of|do|else|void|delete|throw|await|yield)$/.test(near)) return true;
  return !/[\w$)\]}'"`]$/.test(near);
}

function regexEnd(text: string, at: number): number {
  let inClass = false;
  let end = at + 1;
  while (end < text.length && text[end] !== '\n' && (inClass || text[end] !== '/')) {
    if (text[end] === '[') inClass = true;
    if (text[end] === ']') inClass = false;
    end += text[end] === '\\' ? 2 : 1;
  }
  return end + 1;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

function blankBetween(text: string, open: number, close: number): string {
  const last = Math.max(open, text.length - close);
  return text.slice(0, open) + text.slice(open, last).replace(/[^\n]/g, ' ') + text.slice(last);
}
