// What kind of picture bytes are, by how they begin: JPEG (ISO/IEC 10918-1), PNG (ISO/IEC 15948), HEIC (ISO/IEC 23008-12). What a sender
// calls them does not count.

export const picturesKnown = ['image/jpeg', 'image/png', 'image/heic'];

/** One of `picturesKnown`; undefined for anything else. */
export function pictureType(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  return start.slice(4, 8) === 'ftyp' && heicBrands.has(start.slice(8, 12)) ? 'image/heic' : undefined;
}

const heicBrands = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1']);
