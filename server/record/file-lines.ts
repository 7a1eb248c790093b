// The lines of a file or a stream, some at a time, however long one is.

/** Lines without their ends; the last one too when nothing ends it. Bytes that are no UTF-8 throw TypeError. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let open: string[] = [];
  const cut = (text: string): string[] => {
    const [first = '', ...rest] = text.split('\n');
    if (rest.length === 0) {
      open.push(first);
      return [];
    }
    const lines = [[...open, first].join(''), ...rest.slice(0, -1)];
    open = [rest.at(-1) ?? ''];
    return lines;
  };
  for await (const chunk of chunks) {
    const lines = cut(decoder.decode(chunk, { stream: true }));
    if (lines.length > 0) yield lines;
  }
  const last = [...open, decoder.decode()].join('');
  if (last !== '') yield [last];
}
