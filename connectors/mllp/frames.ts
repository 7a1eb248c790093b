// Taking MLLP frames out of a byte stream: 0x0B, message, 0x1C 0x0D. A frame counts only when it is whole.
// HL7 v2 Transport: Minimal Lower Layer Protocol, release 1; none of these bytes occurs inside a two-byte character.

const START = 0x0b;
const END = 0x1c;
const CARRIAGE_RETURN = 0x0d;

export type FrameEvent =
  | { kind: 'message'; bytes: Buffer }
  /** A new frame began, or the end mark was broken, before the frame was whole. `bytes` is what had come. */
  | { kind: 'truncated'; bytes: Buffer }
  /** Longer than allowed; `bytes` is its beginning, the rest is skipped. */
  | { kind: 'oversized'; bytes: Buffer }
  /** Bytes outside of frames. */
  | { kind: 'garbage'; length: number };

export type FrameReader = {
  push(chunk: Buffer): FrameEvent[];
  /** What is left of an unfinished frame; undefined between frames. */
  unfinished(): Buffer | undefined;
};

/** A reader for one connection. It holds at most `maxMessageBytes` plus one chunk. */
export function createFrameReader(maxMessageBytes: number): FrameReader {
  let state: 'outside' | 'inside' | 'ending' | 'skipping' = 'outside';
  let chunks: Buffer[] = [];
  let length = 0;

  const take = (): Buffer => {
    const bytes = Buffer.concat(chunks);
    chunks = [];
    length = 0;
    return bytes;
  };

  function push(chunk: Buffer): FrameEvent[] {
    const events: FrameEvent[] = [];
    let at = 0;
    while (at < chunk.length) at = step(chunk, at, events);
    return events;
  }

  /** Consumes bytes from `at` on and returns where it stopped. */
  function step(chunk: Buffer, at: number, events: FrameEvent[]): number {
    if (state === 'outside') return skipTo(chunk, at, events);
    if (state === 'ending') return finish(chunk, at, events);
    const end = nextOf(chunk, at, [START, END]);
    if (state === 'inside') collect(chunk.subarray(at, end), events);
    if (end === chunk.length) return end;
    if (chunk[end] === END) {
      state = state === 'skipping' ? 'outside' : 'ending';
      return end + 1;
    }
    if (state === 'inside') events.push({ kind: 'truncated', bytes: take() });
    state = 'inside';
    return end + 1;
  }

  function skipTo(chunk: Buffer, at: number, events: FrameEvent[]): number {
    const start = nextOf(chunk, at, [START]);
    // Line ends between frames are common and mean nothing.
    const noise = chunk.subarray(at, start).filter((byte) => byte !== CARRIAGE_RETURN && byte !== 0x0a).length;
    if (noise > 0) events.push({ kind: 'garbage', length: noise });
    if (start < chunk.length) state = 'inside';
    return start + 1;
  }

  function finish(chunk: Buffer, at: number, events: FrameEvent[]): number {
    const isWhole = chunk[at] === CARRIAGE_RETURN;
    events.push({ kind: isWhole ? 'message' : 'truncated', bytes: take() });
    state = 'outside';
    return isWhole ? at + 1 : at;
  }

  function collect(part: Buffer, events: FrameEvent[]): void {
    chunks.push(Buffer.from(part));
    length += part.length;
    if (length <= maxMessageBytes) return;
    events.push({ kind: 'oversized', bytes: take() });
    state = 'skipping';
  }

  return {
    push,
    unfinished: () => (state === 'inside' || state === 'ending' ? Buffer.concat(chunks) : undefined),
  };
}

function nextOf(chunk: Buffer, from: number, marks: readonly number[]): number {
  let at = from;
  while (at < chunk.length && !marks.includes(chunk[at] as number)) at++;
  return at;
}
