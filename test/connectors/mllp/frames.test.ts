// MLLP framing: 0x0B … 0x1C 0x0D, in any packet sizes.
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
});
