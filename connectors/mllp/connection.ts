// One MLLP connection: frames are handed on as they come, answered in their order, and held within limits, so that a slow,
// broken or greedy sender harms no other.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { isAddressed } from './acknowledge.ts';
import { createFrameReader, type FrameEvent, framed } from './frames.ts';
import type { MllpLimits } from './limits.ts';
import { answersTo, failed, type Log, type Receive } from './receive.ts';

export type Connection = {
  /** True once a whole message has come. */
  hasSpoken(): boolean;
  /** Answers what is under way and ends the connection. */
  finish(): Promise<void>;
};

type Needs = {
  limits: MllpLimits;
  receive: Receive;
  log: Log;
  /** Of unfinished frames and of messages without an answer yet, over all connections. */
  held: { bytes: number };
};

// A sender may send on without waiting for answers; beyond this nothing more is read from it until some are given.
const maxUnanswered = 128;
// So many frames in a row that are none end a connection.
const maxFaults = 100;

export function serve(socket: Socket, { limits, receive, log, held }: Needs): Connection {
  const { maxMessageBytes, maxHeldBytes, maxConnections, frameTimeoutMs, answerTimeoutMs } = limits;
  const reader = createFrameReader(maxMessageBytes);
  const lane = {};
  // Answers go out in the order of what they answer, whatever is ready first.
  let answered: Promise<void> = Promise.resolve();
  let unanswered = 0;
  let unansweredBytes = 0;
  let counted = 0;
  let faults = 0;
  let hasSpoken = false;
  let isEnding = false;
  let frameTimer: NodeJS.Timeout | undefined;

  const answer = (answers: string[] | Promise<string[]>, bytes = 0): void => {
    unanswered += 1;
    unansweredBytes += bytes;
    const ready = Promise.resolve(answers);
    // It is awaited in its turn; a failure before that is no unhandled one.
    ready.catch(() => undefined);
    answered = answered
      .then(async () => write(await ready))
      .catch((error: unknown) => {
        log('warn', `mllp: connection ended by an error of ours: ${error instanceof Error ? error.name : 'unknown'}`);
        socket.destroy();
      })
      .finally(() => {
        unanswered -= 1;
        unansweredBytes -= bytes;
        count();
        const isEased = unanswered <= maxUnanswered / 2 && unansweredBytes <= maxMessageBytes / 2;
        if (!isEnding && (isEased || unanswered === 0)) socket.resume();
      });
  };
  const count = (): void => {
    const now = socket.destroyed ? unansweredBytes : unansweredBytes + (reader.heldBytes() ?? 0);
    held.bytes += now - counted;
    counted = now;
  };
  const write = async (answers: string[]): Promise<void> => {
    if (answers.length === 0 || !socket.writable) return;
    const isTaken = socket.write(Buffer.concat(answers.map((one) => framed(Buffer.from(one, 'latin1')))));
    if (isTaken) return;
    // Who reads no answers is cut off; what it sent is kept, and is the same when it sends it again.
    const timer = setTimeout(() => socket.destroy(), answerTimeoutMs);
    const listening = new AbortController();
    const { signal } = listening;
    // What is wrong with the connection is heard elsewhere.
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(() => undefined);
    listening.abort();
    clearTimeout(timer);
  };

  const take = (event: FrameEvent): void => {
    const isMessage = event.kind === 'message' && event.bytes.length > 0;
    faults = isMessage ? 0 : faults + 1;
    if (isMessage) {
      hasSpoken = true;
      answer(receive(event.bytes, lane), event.bytes.length);
    } else if (event.kind === 'oversized') {
      log('warn', `mllp: a message larger than ${maxMessageBytes} bytes was refused`);
      answer(answersTo(event.bytes, tooLarge(maxMessageBytes)));
    } else if (event.kind === 'garbage') log('warn', `mllp: ${event.length} bytes outside of a frame were ignored`);
    else cutShort(event.bytes, 'mllp: a frame was not complete');
  };
  const cutShort = (bytes: Buffer, why: string): void => {
    log('warn', `${why}: ${bytes.length} bytes, nothing of which was delivered`);
    if (isAddressed(bytes)) answer(answersTo(bytes, failed('The frame was not complete; nothing was taken.')));
  };
  const endUnfinished = (why: string): void => {
    const rest = reader.unfinished();
    if (rest !== undefined) cutShort(rest, why);
  };
  /** Ends the connection behind the answers that are still to come. */
  const end = (): void => {
    isEnding = true;
    clearTimeout(frameTimer);
    socket.pause();
    answered = answered.then(() => {
      socket.end();
      socket.destroySoon();
    });
  };

  socket.on('data', (chunk: Buffer) => {
    if (isEnding) return;
    const events = reader.push(chunk);
    for (const event of events) {
      take(event);
      if (faults < maxFaults) continue;
      log('warn', 'mllp: a connection that sends no messages was closed');
      return end();
    }
    watchFrame(events.length > 0);
    count();
    holdBack();
  });
  /** A frame has its time from its first byte on, however slowly the others come. */
  const watchFrame = (isNew: boolean): void => {
    if (reader.heldBytes() === undefined || isNew) {
      clearTimeout(frameTimer);
      frameTimer = undefined;
    }
    if (reader.heldBytes() === undefined || frameTimer !== undefined) return;
    frameTimer = setTimeout(() => {
      frameTimer = undefined;
      // It is we who do not read: the sender cannot help it.
      if (socket.isPaused()) return watchFrame(true);
      endUnfinished('mllp: a frame took too long');
      end();
    }, frameTimeoutMs);
  };
  const holdBack = (): void => {
    const isFull = held.bytes > maxHeldBytes;
    if (isFull && (reader.heldBytes() ?? 0) > maxHeldBytes / maxConnections) {
      log('warn', 'mllp: a frame was refused, because too much is being sent at once');
      answer(answersTo(reader.skip(), failed('Too much is being sent at once; please send again later.')));
    }
    if (unanswered >= maxUnanswered || unansweredBytes >= maxMessageBytes || (isFull && unanswered > 0)) socket.pause();
  };
  socket.on('end', () => {
    endUnfinished('mllp: the sender closed the connection inside a frame');
    end();
  });
  socket.on('close', () => {
    clearTimeout(frameTimer);
    count();
  });
  socket.on('error', (error: NodeJS.ErrnoException) =>
    log('warn', `mllp: connection error ${error.code ?? error.name}`),
  );

  return {
    hasSpoken: () => hasSpoken,
    finish: async () => {
      end();
      await answered;
      if (!socket.destroyed) await once(socket, 'close').catch(() => undefined);
    },
  };
}

const tooLarge = (bytes: number) =>
  ({ outcome: 'unacceptable', text: `The message is larger than ${bytes} bytes.`, condition: '207' }) as const;
