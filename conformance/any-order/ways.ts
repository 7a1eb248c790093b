// Ten ways for the same messages to arrive. Each sends all of them, and again what had no answer that settles it.
import { connect } from 'node:net';
import { createDeliver, createDeliverAll, type Delivery, deliveryOf } from '../../connectors/deliver.ts';
import { importHl7File } from '../../connectors/hl7v2-file.ts';
import { createFrameReader, framed } from '../../connectors/mllp/frames.ts';
import { createMllpSender } from '../../connectors/mllp/send.ts';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { randomFrom } from '../../test/support/random.ts';
import { INSTITUTION } from '../../test/support/samples/hl7v2.ts';

export type Line = {
  mllpPort: number;
  fhirBase: string;
  token: string;
  seed: number;
  /** Links the patients' numbers; a way calls it once, before, within or after. */
  link: () => Promise<void>;
  /** Kills the server with SIGKILL and starts it again. */
  killServer: () => Promise<void>;
};

export type Way = { name: string; send: (messages: readonly Uint8Array[], line: Line) => Promise<void> };

const host = '127.0.0.1';

export const ways: readonly Way[] = [
  { name: 'in order, on one line', send: linkedFirst((messages, line) => onLines(messages, line, 1)) },
  {
    name: 'shuffled, on eight lines',
    send: linkedFirst((messages, line) => onLines(shuffled(messages, line), line, 8)),
  },
  { name: 'backwards', send: linkedFirst((messages, line) => onLines(messages.toReversed(), line, 4)) },
  {
    name: 'each twice, shuffled',
    send: linkedFirst((messages, line) => onLines(shuffled([...messages, ...messages], line), line, 8)),
  },
  { name: 'in pieces of 1 to 200 bytes, without waiting for answers', send: linkedFirst(inPieces) },
  { name: 'by $deliver, one at a time, shuffled', send: linkedFirst(oneByOne) },
  { name: 'by $deliver, 500 at a time, shuffled', send: linkedFirst(manyAtOnce) },
  {
    name: 'half of it before the families link, shuffled',
    send: async (messages, line) => {
      const all = shuffled(messages, line);
      await onLines(all.slice(0, all.length / 2), line, 8);
      await line.link();
      await onLines(all.slice(all.length / 2), line, 8);
    },
  },
  { name: 'with the server killed three times, shuffled', send: linkedFirst(withKills) },
  {
    name: 'as one file, before the families link',
    send: async (messages, line) => {
      const bytes = Buffer.concat(messages.map((one) => Buffer.from(one)));
      await importHl7File({ bytes, deliver: createDeliver(line), institution: INSTITUTION });
      await line.link();
    },
  },
];

function linkedFirst(send: Way['send']): Way['send'] {
  return async (messages, line) => {
    await line.link();
    await send(messages, line);
  };
}

function shuffled(messages: readonly Uint8Array[], { seed }: Line): Uint8Array[] {
  const random = randomFrom(seed + 1);
  return messages
    .map((message) => ({ message, at: random.below(1 << 30) }))
    .sort((one, other) => one.at - other.at)
    .map(({ message }) => message);
}

/** Each line sends a message when the one before has its answer. */
async function onLines(messages: readonly Uint8Array[], { mllpPort: port }: Line, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const sender = createMllpSender({ host, port, attempts: 12, retryMs: 250, timeoutMs: 60_000 });
      for (let at = n; at < messages.length; at += count) await sender.send(messages[at] as Uint8Array);
      await sender.close();
    }),
  );
}

async function inPieces(messages: readonly Uint8Array[], { mllpPort: port, seed }: Line): Promise<void> {
  const random = randomFrom(seed + 2);
  const socket = connect({ host, port, noDelay: true });
  const reader = createFrameReader(1 << 20);
  let answered = 0;
  const all = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${answered} answers`)));
    socket.on('data', (chunk: Buffer) => {
      answered += reader.push(chunk).filter(({ kind }) => kind === 'message').length;
      if (answered === messages.length) resolve();
    });
  });
  for (const message of messages) {
    const bytes = framed(message);
    for (let at = 0; at < bytes.length; ) {
      const next = at + 1 + random.below(200);
      if (!socket.write(bytes.subarray(at, next))) await new Promise((resolve) => socket.once('drain', resolve));
      at = next;
    }
  }
  await all;
  socket.end();
}

async function oneByOne(messages: readonly Uint8Array[], line: Line): Promise<void> {
  const deliver = createDeliver(line);
  const all = shuffled(messages, line);
  await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      for (let at = n; at < all.length; at += 6) await deliver(read(all[at] as Uint8Array));
    }),
  );
}

async function manyAtOnce(messages: readonly Uint8Array[], line: Line): Promise<void> {
  const deliverAll = createDeliverAll(line);
  const all = shuffled(messages, line).map(read);
  const parts = Array.from({ length: Math.ceil(all.length / 500) }, (_, n) => all.slice(n * 500, (n + 1) * 500));
  while (parts.length > 0) await Promise.all(parts.splice(0, 2).map((part) => deliverAll(part)));
}

async function withKills(messages: readonly Uint8Array[], line: Line): Promise<void> {
  const all = shuffled(messages, line);
  const sending = onLines(all, line, 8);
  let isDone = false;
  const done = sending.finally(() => {
    isDone = true;
  });
  for (let kill = 0; kill < 3 && !isDone; kill++) {
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 1500))]);
    if (!isDone) await line.killServer();
  }
  await done;
}

function read(original: Uint8Array): Delivery {
  const mapped = mapHl7(original, { institution: INSTITUTION });
  return deliveryOf(mapped, { original, contentType: 'x-application/hl7-v2+er7' });
}
