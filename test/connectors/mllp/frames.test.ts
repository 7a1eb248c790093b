// MLLP framing: 0x0B … 0x1C 0x0D, in any packet sizes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, type FrameEvent } from '../../../connectors/mllp/frames.ts';

const B = '\x0b';
const E = '\x1c\r';
const show = (event: FrameEvent) =>
  'bytes' in event ? `${event.kind} ${event.bytes.toString('latin1')}` : `${event.kind} ${event.length}`;

function read(parts: readonly string[], most = 100): { events: string[]; rest: string | undefined } {
  const reader = createFrameReader(most);
  const events = parts.flatMap((part) => reader.push(Buffer.from(part, 'latin1'))).map(show);
  return { events, rest: reader.unfinished()?.toString('latin1') };
}

const cases: [string, string, string[], string | undefined][] = [
  ['one message', `${B}one${E}`, ['message one'], undefined],
  ['two messages', `${B}one${E}${B}two${E}`, ['message one', 'message two'], undefined],
  ['line ends between frames', `\r\n${B}one${E}\r\n${B}two${E}\n`, ['message one', 'message two'], undefined],
  ['an empty frame', `${B}${E}`, ['message '], undefined],
  ['a frame that is not finished', `${B}one`, [], 'one'],
  ['an end mark that is not finished', `${B}one\x1c`, [], 'one'],
  ['a start inside a frame', `${B}one${B}two${E}`, ['truncated one', 'message two'], undefined],
  ['a start mark twice', `${B}${B}one${E}`, ['message one'], undefined],
  ['a broken end mark', `${B}one\x1c${B}two${E}`, ['truncated one', 'message two'], undefined],
];

describe('createFrameReader', () => {
  it.each(cases)('%s', (_, input, events, rest) => expect(read([input])).toEqual({ events, rest }));
  it.each(cases)('%s, byte by byte', (_, input, events, rest) => expect(read([...input])).toEqual({ events, rest }));

  it('reports bytes outside of frames', () => {
    expect(read([`noise${B}one${E}GET / HTTP`]).events).toEqual(['garbage 5', 'message one', 'garbage 10']);
  });

  it('skips what is too long and finds the next frame', () => {
    const { events, rest } = read([`${B}${'x'.repeat(8)}`, `${'x'.repeat(50)}`, `yyy${E}${B}ok${E}`], 10);
    expect(events).toEqual([`oversized ${'x'.repeat(10)}`, 'message ok']);
    expect(rest).toBeUndefined();
  });

  it('takes a message of just the allowed size', () => {
    expect(read([`${B}${'x'.repeat(10)}${E}`], 10).events).toEqual([`message ${'x'.repeat(10)}`]);
  });

  // Garbage is told by the chunk, so it is compared by its length alone.
  const told = (chunks: readonly Buffer[], most: number) => {
    const reader = createFrameReader(most);
    const events = chunks.flatMap((chunk) => reader.push(chunk));
    const noise = events.reduce((sum, event) => sum + (event.kind === 'garbage' ? event.length : 0), 0);
    const frames = events.filter(({ kind }) => kind !== 'garbage').map(show);
    return { frames, noise, rest: reader.unfinished()?.toString('latin1') };
  };

  it('finds the same in any bytes, however they are cut', () => {
    const byte = fc.oneof(fc.constantFrom(0x0b, 0x1c, 0x0d, 0x0a, 0x41), fc.integer({ min: 0, max: 255 }));
    const bytes = fc.array(byte, { maxLength: 400 });
    fc.assert(
      fc.property(
        bytes,
        fc.array(fc.integer({ min: 1, max: 50 })),
        fc.integer({ min: 1, max: 60 }),
        (all, cuts, most) => {
          const whole = Buffer.from(all);
          const chunks: Buffer[] = [];
          let at = 0;
          for (const length of cuts) {
            chunks.push(whole.subarray(at, at + length));
            at += length;
          }
          expect(told([...chunks, whole.subarray(at)], most)).toEqual(told([whole], most));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['starts alone', '\x0b'],
    ['starts with a byte', '\x0bx'],
    ['ends alone', '\x1c'],
    ['frames without a byte', '\x0b\x1c\r'],
    ['starts and broken ends', '\x0b\x1c'],
  ])('reads a megabyte of %s in a moment', (_, piece) => {
    const bytes = Buffer.from(piece.repeat(1_000_000 / piece.length));
    const reader = createFrameReader(4_000_000);
    const startMs = performance.now();
    reader.push(bytes);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  it('holds what comes one byte at a time in about as many bytes', () => {
    const reader = createFrameReader(4_000_000);
    reader.push(Buffer.of(0x0b));
    const one = Buffer.from('x');
    for (let n = 0; n < 2_000_000; n++) reader.push(one);
    expect(reader.heldBytes()).toBe(2_000_000);
    expect(reader.push(Buffer.of(0x1c, 0x0d)).map((event) => event.kind)).toEqual(['message']);
  });
});
