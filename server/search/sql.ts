// SQL as values: sql`… ${value} …` yields numbered parameters; a nested sql`…` is spliced in. Text never holds a value.

export type Sql = { strings: readonly string[]; values: readonly unknown[] };

export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  const texts: string[] = [strings[0] ?? ''];
  const flat: unknown[] = [];
  const append = (text: string) => {
    texts[texts.length - 1] += text;
  };
  values.forEach((value, position) => {
    if (isSql(value)) {
      append(value.strings[0] ?? '');
      value.values.forEach((inner, n) => {
        flat.push(inner);
        texts.push(value.strings[n + 1] ?? '');
      });
    } else {
      flat.push(value);
      texts.push('');
    }
    append(strings[position + 1] ?? '');
  });
  return { strings: texts, values: flat };
}

/** Text that is SQL itself: only for fixed words from our own lists. */
export function fixed(text: string): Sql {
  return { strings: [text], values: [] };
}

/** The parts with a fixed text between them. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return parts.reduce((all, part, n) => (n === 0 ? part : sql`${all}${fixed(separator)}${part}`), fixed(''));
}

/** The text, its parameters numbered behind the first `taken` of a statement. */
export const numbered = ({ strings }: Sql, taken: number): string =>
  strings.reduce((all, text, n) => `${all}$${taken + n}${text}`);

function isSql(value: unknown): value is Sql {
  return typeof value === 'object' && value !== null && 'strings' in value && 'values' in value;
}
