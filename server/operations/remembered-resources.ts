// Parsed versions of resources, the last ones used, as long as their texts stay below a size. A version never changes.

export type Remembered<T> = {
  find(name: string): T | undefined;
  /** What was remembered by this name, or else what the text is parsed to. */
  of(name: string, text: string): T;
};

/** `mostCharacters` of text are held on to, parsed. */
export function remembering<T>(parse: (text: string) => T, mostCharacters: number): Remembered<T> {
  const kept = new Map<string, { value: T; size: number }>();
  let size = 0;
  return { find, of: (name, text) => find(name) ?? keep(name, text) };

  function find(name: string): T | undefined {
    const known = kept.get(name);
    if (!known) return undefined;
    // Moved to the end, where it is forgotten last.
    kept.delete(name);
    kept.set(name, known);
    return known.value;
  }

  function keep(name: string, text: string): T {
    const value = parse(text);
    if (text.length > mostCharacters) return value;
    kept.set(name, { value, size: text.length });
    size += text.length;
    for (const [oldest, one] of kept) {
      if (size <= mostCharacters) break;
      kept.delete(oldest);
      size -= one.size;
    }
    return value;
  }
}
