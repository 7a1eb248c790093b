// The MLLP client against a listener that answers as it is told: order, sending again, and answers that are not for it.
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFrameReader, framed } from '../../../connectors/mllp/frames.ts';
import { createMllpSender, type MllpSender, NotAnswered, sendMllp } from '../../../connectors/mllp/send.ts';

const host = '127.0.0.1';
let server: Server;
let port: number;
let sockets: Set<Socket>;
/** Control IDs in the order in which they came, and what is done with each: text is framed and sent. */
let received: string[];
let connections: number;
let react: (controlId: string, socket: Socket) => string | undefined;
let sender: MllpSender;

beforeEach(async () => {
  [sockets, received, connections, react] = [new Set(), [], 0, (id) => ack('AA', id)];
  server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    const reader = createFrameReader(1_000_000);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const event of reader.push(chunk)) {
        if (event.kind !== 'message') continue;
        const id = event.bytes.toString().split('|')[9] ?? '';
        received.push(id);
        const answer = react(id, socket);
        if (answer !== undefined) socket.write(framed(Buffer.from(answer)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  port = (server.address() as { port: number }).port;
  sender = createMllpSender({ host, port, attempts: 4, retryMs: 5, timeoutMs: 300 });
});
afterEach(async () => {
  await sender.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const message = (id: string, accept = '', application = '') =>
  `MSH|^~\\&|HIS|SEND|GW|RCV|20260915||ADT^A08|${id}|P|2.5|||${accept}|${application}\rPID|1\r`;
const ack = (code: string, id: string) => `MSH|^~\\&|GW|RCV|HIS|SEND|20260915||ACK|N1|P|2.5\rMSA|${code}|${id}\r`;

describe('createMllpSender', () => {
  it('sends on one connection, one message behind the answer to the other', async () => {
    const open: string[] = [];
    react = (id, socket) => {
      open.push(id);
      setTimeout(() => socket.write(framed(Buffer.from(ack('AA', open.shift() ?? '')))), 5);
      expect(open).toHaveLength(1);
      return undefined;
    };
    const ids = ['1', '2', '3', '4'];
    const answers = await Promise.all(ids.map((id) => sender.send(message(id))));
    expect(answers.map((answer) => /MSA\|AA\|(\d)/.exec(answer)?.[1])).toEqual(ids);
    expect(connections).toBe(1);
  });

  it.each(['AE', 'CE'])('sends again what was not kept (%s), before anything else', async (code) => {
    let times = 0;
    react = (id) => ack(id === '1' && times++ < 2 ? code : 'AA', id);
    await Promise.all([sender.send(message('1')), sender.send(message('2'))]);
    expect(received).toEqual(['1', '1', '1', '2']);
  });

  it.each(['AR', 'CR'])('does not send again what was refused (%s)', async (code) => {
    react = (id) => ack(code, id);
    expect(await sender.send(message('1'))).toContain(`MSA|${code}|1`);
    expect(received).toEqual(['1']);
  });

  it.each([
    ['closes the connection', (socket: Socket) => socket.destroy()],
    ['resets it', (socket: Socket) => socket.resetAndDestroy()],
    ['does not answer', () => undefined],
    ['answers half a frame', (socket: Socket) => socket.write('\x0bMSH|')],
  ])('sends again on a new connection when the listener %s', async (_, fail) => {
    react = (id, socket) => {
      if (connections > 1) return ack('AA', id);
      fail(socket);
      return undefined;
    };
    expect(await sender.send(message('1'))).toContain('MSA|AA|1');
    expect([connections, received]).toEqual([2, ['1', '1']]);
  });

  it('gives up after its attempts, tells the last answer, and goes on with the next message', async () => {
    react = (id) => ack(id === '1' ? 'AE' : 'AA', id);
    const first = sender.send(message('1'));
    const second = sender.send(message('2'));
    await expect(first).rejects.toMatchObject({ name: 'NotAnswered', answer: expect.stringContaining('MSA|AE|1') });
    expect(await second).toContain('MSA|AA|2');
    expect(received).toEqual(['1', '1', '1', '1', '2']);
  });

  it('does not take the answer to another message for its own', async () => {
    react = (id, socket) => {
      socket.write(framed(Buffer.from(ack('AR', 'older'))));
      return ack('AA', id);
    };
    expect(await sender.send(message('1'))).toContain('MSA|AA|1');
  });

  it('waits for the answer of the application behind that of the transport, if both were asked for', async () => {
    react = (id, socket) => {
      socket.write(framed(Buffer.from(ack('CA', id))));
      return ack('AR', id);
    };
    expect(await sender.send(message('1', 'AL', 'AL'))).toContain('MSA|AR|1');
    expect(await sender.send(message('2', 'AL', 'NE'))).toContain('MSA|CA|2');
    expect(await sender.send(message('3'))).toContain('MSA|CA|3');
  });

  it('says that nobody listens', async () => {
    const nobody = createMllpSender({ host, port: 1, attempts: 2, retryMs: 1 });
    await expect(nobody.send(message('1'))).rejects.toThrow(NotAnswered);
    await expect(sendMllp({ host, port: 1, message: message('1') })).rejects.toThrow('ECONNREFUSED');
  });
});
