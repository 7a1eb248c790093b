// A visit's message as the message that cancels it. HL7 v2.5 chapter 3.3 (ADT events); SS-MIX2 files an event and its
// cancellation under one data type.

/** The event that cancels each: A11 cancels the admission A01. */
const cancelOf: Record<string, string> = {
  A01: 'A11',
  A02: 'A12',
  A03: 'A13',
  A04: 'A11',
  A14: 'A27',
  A15: 'A26',
  A16: 'A25',
  A21: 'A52',
  A22: 'A53',
  A54: 'A55',
};

/** The bytes with another event in MSH-9. A cancellation, or anything else, stays as it is. */
export function cancelled(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const header = copy.subarray(0, endOfLine(copy)).toString('latin1');
  // The type, its event and sometimes its structure; codes are ASCII, each byte is a character of Latin-1.
  const found = /^.?MSH(.)(?:[^\r\n]*?)\1ADT(.)(A\d\d)/.exec(header);
  const event = cancelOf[found?.[3] ?? ''];
  if (!found || !event) return bytes;
  copy.write(event, found[0].length - event.length, 'latin1');
  return copy;
}

function endOfLine(bytes: Uint8Array): number {
  const at = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  return at < 0 ? bytes.length : at;
}
