// Taking MLLP frames out of a byte stream: 0x0B, message, 0x1C 0x0D. A frame counts only when it is whole.
// HL7 v2 Transport: Minimal Lower Layer Protocol, release 1; none of these bytes occurs inside a two-byte character.

const START = 0x0b;
const END = 0x1c;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

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
  /** Bytes held of the unfinished frame; undefined between frames. */
  heldBytes(): number | undefined;
  /** Lets go of the unfinished frame: what had come of it, while the rest will be skipped. */
  skip(): Buffer;
};

/** A message in its frame. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(START), message, Buffer.of(END, CARRIAGE_RETURN)]);
}

/** A reader for one connection. It holds at most `maxMessageBytes`, twice while it makes room. */
export function createFrameReader(maxMessageBytes: number): FrameReader {
  let state: 'outside' | 'inside' | 'ending' | 'skipping' = 'outside';
  // Bytes may come one at a time: a buffer for each would weigh a hundred times as much as they do.
  let held: Buffer = Buffer.alloc(0);
  let length = 0;

  const take = (): Buffer => {
    const bytes = held.subarray(0, length);
    held = Buffer.alloc(0);
    length = 0;
    return bytes;
  };

  function push(chunk: Buffer): FrameEvent[] {
    const events: FrameEvent[] = [];
    const marks = marksOf(chunk);
    let at = 0;
    while (at < chunk.length) at = step(chunk, marks, at, events);
    return events;
  }

  /** Consumes bytes from `at` on and returns where it stopped. */
  function step(chunk: Buffer, marks: Marks, at: number, events: FrameEvent[]): number {
    if (state === 'outside') return skipTo(chunk, marks, at, events);
    if (state === 'ending') return finish(chunk, at, events);
    const end = Math.min(marks.start(at), marks.end(at));
    if (state === 'inside') collect(chunk.subarray(at, end), events);
    if (end === chunk.length) return end;
    if (chunk[end] === END) {
      state = state === 'skipping' ? 'outside' : 'ending';
      return end + 1;
    }
    // A second start mark behind the first is one start.
    if (state === 'inside' && length > 0) events.push({ kind: 'truncated', bytes: take() });
    state = 'inside';
    return end + 1;
  }

  function skipTo(chunk: Buffer, marks: Marks, at: number, events: FrameEvent[]): number {
    const start = marks.start(at);
    // Line ends between frames are common and mean nothing.
    const noise = chunk.subarray(at, start).filter((byte) => byte !== CARRIAGE_RETURN && byte !== LINE_FEED).length;
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
    if (part.length === 0) return;
    if (length + part.length > maxMessageBytes) {
      const beginning = part.subarray(0, maxMessageBytes - length);
      events.push({ kind: 'oversized', bytes: Buffer.concat([take(), beginning]) });
      state = 'skipping';
      return;
    }
    if (length + part.length > held.length) held = grown(held, length, length + part.length);
    part.copy(held, length);
    length += part.length;
  }

  const isHolding = () => state === 'inside' || state === 'ending';
  return {
    push,
    unfinished: () => (isHolding() ? Buffer.from(held.subarray(0, length)) : undefined),
    heldBytes: () => (isHolding() ? length : undefined),
    skip: () => {
      state = 'skipping';
      return take();
    },
  };
}

function grown(held: Buffer, length: number, needed: number): Buffer {
  const larger = Buffer.alloc(Math.max(needed, held.length * 2, 512));
  held.copy(larger, 0, 0, length);
  return larger;
}

type Marks = { start(from: number): number; end(from: number): number };

/** Where the next mark stands, the chunk's length when there is none. Asked with growing positions, each byte is read once. */
function marksOf(chunk: Buffer): Marks {
  const next = (mark: number) => {
    let found = -1;
    return (from: number): number => {
      if (found < from) found = chunk.indexOf(mark, from);
      if (found < 0) found = chunk.length;
      return found;
    };
  };
  return { start: next(START), end: next(END) };
}
