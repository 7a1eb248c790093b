// The words of FHIRPath N1. http://hl7.org/fhirpath/N1/#lexical-elements

/** `text` is as written, without the quotes and with the escapes resolved for strings and quoted names. */
export type Token = {
  kind: 'string' | 'name' | 'quoted' | 'number' | 'date' | 'dateTime' | 'time' | 'variable' | 'symbol' | 'end';
  text: string;
  at: number;
};

const skipped = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const token = new RegExp(
  [
    /(?<name>[A-Za-z_]\w*)/,
    /(?<symbol>\$(?:this|index|total)\b|<=|>=|!=|!~|[|.()[\]{},+*&=~<>-]|\/)/,
    /'(?<string>(?:[^'\\]|\\[\s\S])*)'/,
    /(?<number>\d+(?:\.\d+)?)/,
    /%(?:(?<variable>[A-Za-z_]\w*)|'(?<variableText>(?:[^'\\]|\\[\s\S])*)'|`(?<variableName>(?:[^`\\]|\\[\s\S])*)`)/,
    /`(?<quoted>(?:[^`\\]|\\[\s\S])*)`/,
    /@(?<time>T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)(?![\d:])/,
    /@(?<dateTime>\d{4}(?:-\d\d(?:-\d\d)?)?T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)(?![\d:])/,
    /@(?<date>\d{4}(?:-\d\d(?:-\d\d)?)?)(?![\d-])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'y',
);

/** The tokens of an expression, one of kind `end` last. Throws a SyntaxError that names the place of what is no token. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = afterSkipped(expression, 0);
  while (at < expression.length) {
    token.lastIndex = at;
    const groups = token.exec(expression)?.groups;
    if (groups === undefined) throw new SyntaxError(`FHIRPath cannot be read at character ${at + 1}`);
    tokens.push({ ...found(groups), at });
    at = afterSkipped(expression, token.lastIndex);
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

function afterSkipped(expression: string, at: number): number {
  skipped.lastIndex = at;
  skipped.exec(expression);
  return skipped.lastIndex;
}

const plainKinds = ['name', 'symbol', 'number', 'time', 'dateTime', 'date'] as const;

function found(groups: Readonly<Record<string, string | undefined>>): Omit<Token, 'at'> {
  for (const kind of plainKinds) if (groups[kind] !== undefined) return { kind, text: groups[kind] };
  if (groups.string !== undefined) return { kind: 'string', text: unescaped(groups.string) };
  if (groups.quoted !== undefined) return { kind: 'quoted', text: unescaped(groups.quoted) };
  return { kind: 'variable', text: unescaped(groups.variable ?? groups.variableText ?? groups.variableName ?? '') };
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

// A backslash before anything that needs none stands for nothing.
const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9A-Fa-f]{4})|([\s\S]))/g, (_all, hex?: string, one = '') =>
    hex === undefined ? (escapes[one] ?? one) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
