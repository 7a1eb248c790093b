// Parsed versions of resources, the last ones used, as long as their texts stay below a size. A version never changes.

/** `parse` is asked once for each name, until it has been forgotten; `mostCharacters` of text are held on to. */
export function remembering<T>(parse: (text: string) => T, mostCharacters: number): (name: string, text: string) => T {
  const kept = new Map<string, { value: T; size: number }>();
  let size = 0;
  return (name, text) => {
    const known = kept.get(name);
    if (known) {
      // Moved to the end, where it is forgotten last.
      kept.delete(name);
      kept.set(name, known);
      return known.value;
    }
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
  };
}
