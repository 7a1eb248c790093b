// What a file imports, found with patterns over the masked text (see mask.ts): import … from, export … from, import '…',
// import('…') also as a type, require('…').

const STATIC = /\b(?:import|export)\b[^'"`;()=]*?\bfrom\s*(['"])/g;
const BARE = /\bimport\s*(['"])/g;
const CALL = /(?:\bimport|\brequire)\s*\(\s*(['"`])/g;
const ANY_CALL = /(?<![.\w])import\s*\(/g;

export type Imports = {
  specifiers: string[];
  /** The number of `import(…)` whose argument is not one plain string. */
  open: number;
};

/** `code` is `masked(text)`: positions in it hold for the text as well. */
export function importsOf(text: string, code: string): Imports {
  const specifiers = new Set<string>();
  for (const pattern of [STATIC, BARE]) {
    for (const match of code.matchAll(pattern)) specifiers.add(stringAt(text, code, match).text);
  }
  let literalCalls = 0;
  for (const match of code.matchAll(CALL)) {
    const literal = stringAt(text, code, match);
    if (literal.text.includes('${') || !/^\s*[,)]/.test(code.slice(literal.end))) continue;
    specifiers.add(literal.text);
    if (match[0].startsWith('import')) literalCalls++;
  }
  return { specifiers: [...specifiers], open: [...code.matchAll(ANY_CALL)].length - literalCalls };
}

function stringAt(text: string, code: string, match: RegExpExecArray): { text: string; end: number } {
  const start = match.index + match[0].length;
  const end = code.indexOf(match[1] ?? "'", start);
  return { text: text.slice(start, end), end: end + 1 };
}
