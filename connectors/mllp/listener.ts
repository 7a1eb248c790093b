// The HL7 v2 listener: MLLP frames in, each mapped and handed to the server, each answered with its true fate. A message is
// acknowledged only after the server has kept it; what cannot be read is kept too and answered AR.

import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { UnreadableInput } from '../../mappings/record.ts';
import { type Deliver, type Delivery, DeliveryFailed, deliveryOf, type Receipt, unreadable } from '../deliver.ts';
import { HL7_CONTENT_TYPE } from '../hl7v2-file.ts';
import { type Acknowledgment, acknowledge, isAcknowledgment } from './acknowledge.ts';
import { createFrameReader, type FrameEvent } from './frames.ts';

export type MllpListenerOptions = {
  /** 0 lets the system choose. */
  port: number;
  host: string;
  deliver: Deliver;
  /** 10-digit institution number of the hospital behind this port; without it PID-3.4 must name an OID. */
  institution?: string;
  maxMessageBytes?: number;
  /** How long a frame may stay unfinished without a byte coming. */
  frameTimeoutMs?: number;
  maxConnections?: number;
  /** One line per event; no content of messages. */
  log?: (line: string) => void;
};

export type MllpListener = { port: number; close(): Promise<void> };

/** Resolves when it listens. `close` lets messages that are being delivered finish and be answered. */
export async function startMllpListener(options: MllpListenerOptions): Promise<MllpListener> {
  const connections = new Map<Socket, Connection>();
  const server = createServer({ allowHalfOpen: true, ...quiet }, (socket) => {
    connections.set(socket, serve(socket, options));
    socket.on('close', () => connections.delete(socket));
  });
  server.maxConnections = options.maxConnections ?? 100;
  await listening(server, options.port, options.host);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...connections.values()].map((connection) => connection.finish()));
      await closed;
    },
  };
}

// A connection may be quiet for days, but a sender that has vanished must not hold its place for ever.
const quiet = { keepAlive: true, keepAliveInitialDelay: 60_000 };

type Connection = { finish(): Promise<void> };

function serve(socket: Socket, options: MllpListenerOptions): Connection {
  const reader = createFrameReader(options.maxMessageBytes ?? 4 * 1024 * 1024);
  const log = options.log ?? (() => undefined);
  // Frames are answered in the order they came; while one is delivered, no more bytes are read.
  let work: Promise<void> = Promise.resolve();

  const answerAll = async (events: FrameEvent[]): Promise<void> => {
    for (const event of events) {
      const answer = await answerTo(event, options, log);
      if (answer !== undefined && socket.writable) socket.write(frame(answer));
    }
  };
  const enqueue = (task: () => Promise<void>): void => {
    work = work.then(task).catch((error: unknown) => {
      log(`mllp: connection ended by an error of ours: ${error instanceof Error ? error.name : 'unknown'}`);
      socket.destroy();
    });
  };
  const endUnfinished = (why: string): void => {
    const rest = reader.unfinished();
    if (rest === undefined) return;
    log(`mllp: ${why} inside a frame of ${rest.length} bytes; nothing of it was delivered`);
    if (socket.writable) socket.write(frame(reply(rest, cut)));
  };

  socket.on('data', (chunk: Buffer) => {
    const events = reader.push(chunk);
    if (events.length === 0) return;
    socket.pause();
    enqueue(async () => {
      await answerAll(events);
      socket.resume();
    });
  });
  socket.on('end', () =>
    enqueue(async () => {
      endUnfinished('the sender closed the connection');
      socket.end();
    }),
  );
  socket.setTimeout(options.frameTimeoutMs ?? 30_000, () => {
    // Between frames a connection may stay quiet for as long as the hospital likes.
    if (reader.unfinished() === undefined || socket.isPaused()) return;
    endUnfinished('no more bytes came');
    socket.end();
    socket.destroySoon();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => log(`mllp: connection error ${error.code ?? error.name}`));

  return {
    finish: async () => {
      socket.pause();
      await work;
      socket.end();
      socket.destroySoon();
    },
  };
}

const cut: Acknowledgment = {
  code: 'AE',
  text: 'The frame was not complete; nothing was taken. Please send it again.',
  condition: '207',
};

async function answerTo(
  event: FrameEvent,
  options: MllpListenerOptions,
  log: (line: string) => void,
): Promise<string | undefined> {
  if (event.kind === 'garbage') {
    log(`mllp: ${event.length} bytes outside of a frame were ignored`);
    return undefined;
  }
  if (event.kind === 'truncated') {
    log(`mllp: a frame of ${event.bytes.length} bytes was not complete; nothing of it was delivered`);
    return reply(event.bytes, cut);
  }
  if (event.kind === 'oversized') {
    const most = options.maxMessageBytes ?? 4 * 1024 * 1024;
    log(`mllp: a message larger than ${most} bytes was refused`);
    return reply(event.bytes, { code: 'AR', text: `The message is larger than ${most} bytes.`, condition: '207' });
  }
  if (isAcknowledgment(event.bytes)) {
    log('mllp: an acknowledgment came in and was ignored');
    return undefined;
  }
  return reply(event.bytes, await receive(event.bytes, options, log));
}

async function receive(
  original: Buffer,
  options: MllpListenerOptions,
  log: (line: string) => void,
): Promise<Acknowledgment> {
  try {
    const receipt = await options.deliver(readMessage(original, options));
    log(`mllp: ${original.length} bytes ${receipt.fate}${receipt.delivery ? ` as ${receipt.delivery}` : ''}`);
    return acknowledgmentOf(receipt);
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error;
    log(`mllp: not kept: ${error.message}`);
    return { code: 'AE', text: `Not kept, please send again later. ${error.message}`, condition: '207' };
  }
}

function readMessage(original: Buffer, { institution, log }: MllpListenerOptions): Delivery {
  const from = { original, contentType: HL7_CONTENT_TYPE };
  try {
    return deliveryOf(mapHl7(original, institution ? { institution } : {}), from);
  } catch (error) {
    // A bug of ours in a mapping must not lose the message: it is kept all the same, and can be replayed once mended.
    if (!(error instanceof UnreadableInput)) log?.(`mllp: a mapping failed: ${stackOf(error)}`);
    return unreadable(error, from);
  }
}

// Where, not what: an error's message may quote the message it stumbled over.
function stackOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return `${error instanceof Error ? error.name : 'unknown error'}${lines[0] ?? ''}`;
}

function acknowledgmentOf({ fate, reason }: Receipt): Acknowledgment {
  if (fate === 'refused')
    return { code: 'AR', text: reason ?? 'The message was kept but not taken into the record.', condition: '207' };
  if (fate === 'stored') return { code: 'AA', text: '', condition: '0' };
  return { code: 'AA', text: reason ?? 'Kept; waiting until the family links this patient number.', condition: '0' };
}

function reply(message: Uint8Array, acknowledgment: Acknowledgment): string {
  return acknowledge(message, acknowledgment, randomUUID().replaceAll('-', '').slice(0, 20), japanTime());
}

// HL7 wants local time with its offset; Japan has no daylight saving.
function japanTime(): string {
  const shifted = new Date(Date.now() + 9 * 3_600_000).toISOString();
  return `${shifted.slice(0, 19).replace(/[-T:]/g, '')}+0900`;
}

function frame(message: string): Buffer {
  return Buffer.concat([Buffer.of(0x0b), Buffer.from(message, 'latin1'), Buffer.of(0x1c, 0x0d)]);
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
