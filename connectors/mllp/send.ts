// The MLLP client: one connection that is kept, one message at a time in the order in which they are given, each sent again until it
// is answered for good. HL7 v2 Transport: Minimal Lower Layer Protocol, release 1; HL7 v2.5 chapter 2.9.

import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { createFrameReader, framed } from './frames.ts';

export type MllpAddress = {
  host: string;
  port: number;
  /** Speaks TLS, with these options of Node: `ca`, and `cert` and `key` where the listener asks for them. */
  tls?: ConnectionOptions;
  /** How long an answer may take. */
  timeoutMs?: number;
};

export type MllpSender = {
  /** The text of the acknowledgment. Rejects with NotAnswered when there was none that settles it in all attempts. */
  send(message: string | Uint8Array): Promise<string>;
  /** Waits for what was given before. */
  close(): Promise<void>;
};

/** No answer came, or only that it has to be sent again. `answer` is the last one. The message may have been kept all the same. */
export class NotAnswered extends Error {
  readonly answer: string | undefined;
  constructor(message: string, answer?: string) {
    super(message);
    this.name = 'NotAnswered';
    this.answer = answer;
  }
}

const defaultTimeoutMs = 30_000;
const maxAnswerBytes = 1024 * 1024;

/** Connects when there is something to send. Between attempts it waits `retryMs`, and twice as long each time, up to a minute. */
export function createMllpSender(options: MllpAddress & { attempts?: number; retryMs?: number }): MllpSender {
  const { attempts = 5, retryMs = 500 } = options;
  let line: Line | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function settle(message: Uint8Array): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const answer = await attemptOnce(message).catch((error: Error) => new NotAnswered(error.message));
      if (typeof answer === 'string' && !/^[AC]E$/.test(acknowledgedBy(answer).code)) return answer;
      if (attempt >= attempts)
        throw typeof answer === 'string' ? new NotAnswered('The message was not kept.', answer) : answer;
      await delay(Math.min(retryMs * 2 ** (attempt - 1), 60_000));
    }
  }

  async function attemptOnce(message: Uint8Array): Promise<string> {
    if (line === undefined || line.isBroken()) line = await openLine(options);
    try {
      return await line.ask(message);
    } catch (error) {
      // What comes on this connection now would be taken for the answer to something else.
      line.end();
      line = undefined;
      throw error;
    }
  }

  return {
    send: (message) => {
      const answer = last.then(() => settle(Buffer.from(message)));
      last = answer.catch(() => undefined);
      return answer;
    },
    close: async () => {
      await last;
      line?.end();
    },
  };
}

/** Sends one message on a connection of its own, once. Rejects when no whole acknowledgment came in time. */
export async function sendMllp({
  message,
  ...address
}: MllpAddress & { message: string | Uint8Array }): Promise<string> {
  const line = await openLine(address);
  try {
    return await line.ask(Buffer.from(message));
  } finally {
    line.end();
  }
}

/** MSA-1 and MSA-2 of an acknowledgment, '' where it has none. */
export function acknowledgedBy(answer: string): { code: string; controlId: string } {
  const [, code = '', controlId = ''] = /(?:^|[\r\n])MSA\|([^|\r\n]*)(?:\|([^|\r\n]*))?/.exec(answer) ?? [];
  return { code, controlId };
}

type Line = { ask(message: Uint8Array): Promise<string>; isBroken(): boolean; end(): void };

async function openLine({ host, port, tls, timeoutMs = defaultTimeoutMs }: MllpAddress): Promise<Line> {
  const socket: Socket = tls
    ? connectTls({ host, port, ALPNProtocols: [], ...tls })
    : connect({ host, port, noDelay: true });
  const reader = createFrameReader(maxAnswerBytes);
  let take: ((answer: string) => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    for (const event of reader.push(chunk)) if (event.kind === 'message') take?.(event.bytes.toString('utf8'));
  });
  socket.on('error', (error) => fail?.(error));
  socket.on('close', () => fail?.(new Error('The connection was closed before an acknowledgment came.')));
  socket.setTimeout(timeoutMs, () => {
    if (fail) socket.destroy(new Error(`No acknowledgment came within ${timeoutMs} ms.`));
  });
  await new Promise<void>((resolve, reject) => {
    fail = reject;
    socket.once(tls ? 'secureConnect' : 'connect', resolve);
  });
  fail = undefined;

  return {
    ask: (message) =>
      new Promise((resolve, reject) => {
        const header =
          Buffer.from(message.subarray(0, 2000))
            .toString('latin1')
            .split(/[\r\n]/)[0] ?? '';
        const fields = header.split('|');
        const settled = (settle: () => void) => {
          take = undefined;
          fail = undefined;
          settle();
        };
        take = (answer) => {
          const { code, controlId } = acknowledgedBy(answer);
          // A late one of another message; one without any ID can only be for this.
          const isOther = controlId !== '' && controlId !== (fields[9] ?? '');
          // That it is safe, while what becomes of it is to be told as well.
          const isFirstOfTwo = code === 'CA' && fields[15] === 'AL';
          if (!isOther && !isFirstOfTwo) settled(() => resolve(answer));
        };
        fail = (error) => settled(() => reject(error));
        if (socket.destroyed) fail(new Error('The connection was closed.'));
        else socket.write(framed(message));
      }),
    isBroken: () => socket.destroyed || !socket.writable,
    end: () => socket.destroySoon(),
  };
}
