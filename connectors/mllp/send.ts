// A small MLLP client: sends one message and waits for its acknowledgment. Used by tests and by the demo's hospital.

import { connect } from 'node:net';
import { createFrameReader } from './frames.ts';

/** The text of the acknowledgment. Rejects when the connection fails or ends, or `timeoutMs` pass, before a whole one came. */
export function sendMllp(options: {
  host: string;
  port: number;
  message: string | Uint8Array;
  timeoutMs?: number;
}): Promise<string> {
  const { host, port, timeoutMs = 30_000 } = options;
  const body = Buffer.from(options.message);
  return new Promise((resolve, reject) => {
    const reader = createFrameReader(1024 * 1024);
    const socket = connect({ host, port }, () => {
      socket.write(Buffer.concat([Buffer.of(0x0b), body, Buffer.of(0x1c, 0x0d)]));
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`No acknowledgment came within ${timeoutMs} ms.`)));
    socket.on('data', (chunk: Buffer) => {
      const answer = reader.push(chunk).find((event) => event.kind === 'message');
      if (answer?.kind !== 'message') return;
      resolve(answer.bytes.toString('utf8'));
      socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The connection was closed before an acknowledgment came.')));
  });
}
