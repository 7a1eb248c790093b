// The listener over real sockets, in front of a real HTTP server on loopback.
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliver, type DeliverAll } from '../../../connectors/deliver.ts';
import { type MllpListener, type MllpListenerOptions, startMllpListener } from '../../../connectors/mllp/listener.ts';
import { createMllpSender, sendMllp } from '../../../connectors/mllp/send.ts';
import { type DeliveryServer, outcome, partsOf, receipt, startDeliveryServer } from '../../support/delivery-server.ts';
import {
  birth,
  INSTITUTION,
  jis,
  message,
  msh,
  PATIENT_NUMBER,
  PATIENT_SYSTEM,
  pid,
  vaccination,
} from '../../support/samples/hl7v2.ts';

const host = '127.0.0.1';
let server: DeliveryServer;
let listener: MllpListener;
let lines: string[];

async function listen(options: Partial<MllpListenerOptions> = {}): Promise<void> {
  const deliver = createDeliver({ fhirBase: server.fhirBase, token: 'T' });
  const deliverAll: DeliverAll = (all) => Promise.all(all.map(deliver));
  const log = (_: string, line: string) => void lines.push(line);
  listener = await startMllpListener({ port: 0, host, deliverAll, institution: INSTITUTION, log, ...options });
}

beforeEach(async () => {
  lines = [];
  server = await startDeliveryServer();
});

afterEach(async () => {
  await listener.close();
  await server.close();
});

const send = (bytes: Uint8Array) => sendMllp({ host, port: listener.port, message: bytes, timeoutMs: 5000 });
const framed = (bytes: Uint8Array) => Buffer.concat([Buffer.of(0x0b), bytes, Buffer.of(0x1c, 0x0d)]);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
const halves = (bytes: Buffer) => [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)];

/** Writes raw pieces, one after another, ends the connection, and gives all that came back. */
function raw(pieces: readonly Uint8Array[], end = true): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host, port: listener.port, allowHalfOpen: true, noDelay: true }, async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((next) => setTimeout(next, 5));
      }
      if (end) socket.end();
    });
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      socket.end();
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
    socket.on('error', reject);
  });
}

describe('a message', () => {
  it('is delivered with its original and its record, and acknowledged AA', async () => {
    await listen();
    const bytes = jis(birth());
    const ack = await send(bytes);
    const [, msa] = ack.split('\r');
    expect(ack).toMatch(/^MSH\|\^~\\&\|GW\|RCV\|HIS001\|SEND\|\d{14}\+0900\|\|ACK\^R01\^ACK\|\w{20}\|P\|2\.5\r/);
    expect(msa).toBe('MSA|AA|20260710000009');
    expect(ack).not.toContain('ERR');
    const [one] = server.received;
    expect(one).toMatchObject({
      method: 'POST',
      url: '/fhir/$deliver',
      authorization: 'Bearer T',
      contentType: 'application/fhir+json',
    });
    const { patient, original, contentType, record } = partsOf(one);
    expect(patient).toEqual({ name: 'patient', valueIdentifier: { system: PATIENT_SYSTEM, value: PATIENT_NUMBER } });
    expect(original.equals(bytes)).toBe(true);
    expect(contentType).toBe('x-application/hl7-v2+er7');
    expect(record).toMatchObject({ type: 'transaction' });
    expect(record.entry).toHaveLength(4);
    expect(one?.text).toContain('"value":3.050,');
  });

  it('may come in any pieces, many on one connection, and is answered in order', async () => {
    await listen();
    server.answerWith(async (request) => {
      // The first is slow: its answer must still come first.
      if (request.text.includes('31002900')) await new Promise((resolve) => setTimeout(resolve, 60));
      return receipt('stored');
    });
    const all = Buffer.concat([
      framed(jis(birth())),
      framed(jis(vaccination())),
      Buffer.from('\r\n'),
      framed(jis(birth())),
    ]);
    const pieces = Array.from({ length: Math.ceil(all.length / 97) }, (_, i) => all.subarray(i * 97, (i + 1) * 97));
    const answers = await raw(pieces);
    expect([...answers.matchAll(/MSA\|(\w\w)\|(\d+)/g)].map(([, code, id]) => `${code} ${id}`)).toEqual([
      'AA 20260710000009',
      'AA 20260915000001',
      'AA 20260710000009',
    ]);
    expect(server.received).toHaveLength(3);
  });

  it('that waits is accepted and says so', async () => {
    await listen();
    server.answerWith(() => receipt('waiting'));
    expect(await send(jis(vaccination()))).toMatch(
      /MSA\|AA\|20260915000001\|Kept; waiting until .*\rERR\|\|\|0\^Message accepted\^HL70357\|I\|\|\|\|Kept; waiting/,
    );
  });

  it.each([
    ['as an outcome', () => outcome(422, 'No | such vaccine')],
    ['as a receipt', () => receipt('refused', 'No | such vaccine')],
  ])('that is refused (%s) is answered AR with the reason', async (_, answer) => {
    await listen();
    server.answerWith(answer);
    expect(await send(jis(vaccination()))).toMatch(/MSA\|AR\|20260915000001\|No \\F\\ such vaccine\rERR\|\|\|207\^/);
  });

  it.each([
    ['an error of the server', () => outcome(503, 'secret detail')],
    ['a token that is not accepted', () => outcome(401, 'x')],
    ['no answer', () => 'drop' as const],
    ['an answer without a fate', () => ({ status: 200, body: { resourceType: 'Parameters' } })],
  ])('is answered AE after %s, so that it is sent again', async (_, answer) => {
    await listen();
    server.answerWith(answer);
    const ack = await send(jis(vaccination()));
    expect(ack).toMatch(/MSA\|AE\|20260915000001\|Not kept, please send again later\./);
    expect(ack).not.toContain('secret');
    server.answerWith(() => receipt('stored'));
    expect(await send(jis(vaccination()))).toContain('MSA|AA|20260915000001');
  });

  it('in a broken character set is kept as it came and answered AR', async () => {
    await listen();
    server.answerWith(() => outcome(422, 'not readable'));
    const bytes = Buffer.concat([jis(vaccination()), Buffer.of(0x1b, 0x24, 0x42, 0xff, 0xff)]);
    expect(await send(bytes)).toContain('MSA|AR|20260915000001|not readable');
    const { original, record, problem, patient } = partsOf(server.received[0]);
    expect(original.equals(bytes)).toBe(true);
    expect([record, patient]).toEqual([undefined, undefined]);
    expect(problem).toContain('not valid ISO-2022-JP');
  });

  it('of another type is kept with the reason, and its patient', async () => {
    await listen();
    await send(jis(message(msh('ZZZ^Z01^ZZZ_Z01', '5'), pid)));
    expect(partsOf(server.received[0])).toMatchObject({
      record: undefined,
      problem: 'Messages of type ZZZ^Z01 are not mapped.',
      patient: { valueIdentifier: { value: PATIENT_NUMBER } },
    });
  });

  it('with nothing to take over is a record without entries, not a refusal', async () => {
    await listen();
    await send(jis(message(msh('ADT^A08^ADT_A01', '8'), pid, 'PV1|0001|O')));
    expect(partsOf(server.received[0])).toMatchObject({
      record: { resourceType: 'Bundle', type: 'transaction' },
      problem: undefined,
    });
    expect(partsOf(server.received[0]).record.entry).toBeUndefined();
  });

  it('with a My Number leaves this process without it', async () => {
    await listen();
    server.answerWith(() => outcome(422, 'holds a My Number'));
    const bytes = jis(vaccination().replace('東京都千代田区千代田１−１', '東京都||||||||123456789018'));
    expect(await send(bytes)).toContain('MSA|AR|');
    const { original, problem } = partsOf(server.received[0]);
    expect(original).toHaveLength(bytes.length);
    expect(original.toString('latin1')).toContain('|************\r');
    expect(server.received[0]?.text + problem + lines.join()).not.toContain('123456789018');
  });

  it('larger than 64 KiB passes', async () => {
    await listen();
    const note = `NTE|1||${'長'.repeat(60_000)}`;
    expect(await send(jis(vaccination() + message(note)))).toContain('MSA|AA|');
  });
});

describe('bad input', () => {
  it('a frame cut by the end of the connection is answered AE and not delivered', async () => {
    await listen();
    const bytes = framed(jis(vaccination()));
    expect(await raw([bytes.subarray(0, 400)])).toMatch(
      /^.MSH.*\rMSA\|AE\|20260915000001\|The frame was not complete/s,
    );
    expect(server.received).toEqual([]);
    expect(lines.join()).toContain('inside a frame');
    expect(await send(jis(vaccination()))).toContain('MSA|AA|');
  });

  it('a frame that stalls is answered AE and the connection closed', async () => {
    await listen({ frameTimeoutMs: 50 });
    expect(await raw([framed(jis(vaccination())).subarray(0, 400)], false)).toContain('MSA|AE|20260915000001|');
    expect(server.received).toEqual([]);
  });

  it('a connection that is quiet between frames stays open', async () => {
    await listen({ frameTimeoutMs: 30 });
    const pause = new Promise((resolve) => setTimeout(resolve, 120));
    const answers = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect({ host, port: listener.port }, async () => {
        await pause;
        socket.write(framed(jis(vaccination())));
      });
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (text.includes('\x1c')) socket.end();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answers).toContain('MSA|AA|');
  });

  it('garbage outside of frames is ignored with a log line', async () => {
    await listen();
    const answers = await raw([Buffer.from('GET / HTTP/1.1\r\n\r\n'), framed(jis(vaccination()))]);
    expect(answers.match(/MSA/g)).toHaveLength(1);
    expect(lines[0]).toBe('mllp: 14 bytes outside of a frame were ignored');
  });

  it('a message over the limit is answered AR, and the next one is taken', async () => {
    await listen({ maxMessageBytes: 2000 });
    const huge = jis(vaccination() + message(`NTE|1||${'x'.repeat(100_000)}`));
    const answers = await raw([framed(huge), framed(jis(vaccination()))]);
    expect([...answers.matchAll(/MSA\|(\w\w)\|/g)].map(([, code]) => code)).toEqual(['AR', 'AA']);
    expect(answers).toContain('larger than 2000 bytes');
    expect(server.received).toHaveLength(1);
  });

  it('what is no HL7 at all is kept and answered AR without a control ID', async () => {
    await listen();
    server.answerWith(() => outcome(422, 'no'));
    expect(await send(Buffer.from('hello'))).toMatch(/^MSH\|\^~\\&\|\|\|\|\|.*\rMSA\|AR\|\|no\r/);
    expect(partsOf(server.received[0]).original.toString()).toBe('hello');
  });

  it('an empty frame is no message', async () => {
    await listen();
    expect(await raw([Buffer.from('\x0b\x1c\r')])).toBe('');
    expect(server.received).toEqual([]);
  });

  it('an acknowledgment is not acknowledged', async () => {
    await listen();
    expect(await raw([framed(Buffer.from(message(msh('ACK^R01^ACK', '1'), 'MSA|AA|1')))])).toBe('');
    expect(server.received).toEqual([]);
  });

  it('a connection that is reset does no harm', async () => {
    await listen();
    server.answerWith(() => new Promise((resolve) => setTimeout(() => resolve(receipt('stored')), 50)));
    await new Promise<void>((resolve) => {
      const socket = connect({ host, port: listener.port }, () => {
        socket.write(framed(jis(vaccination())));
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
      socket.on('close', () => resolve());
    });
    server.answerWith(() => receipt('stored'));
    expect(await send(jis(birth()))).toContain('MSA|AA|');
  });
});

describe('limits', () => {
  it('a frame that comes one byte at a time is ended when its time is over, and others are served meanwhile', async () => {
    await listen({ frameTimeoutMs: 300 });
    const bytes = framed(jis(vaccination()));
    const slow = raw(
      upTo(200).map((n) => bytes.subarray(n - 1, n)),
      false,
    );
    const pieces = Promise.race([slow, new Promise((resolve) => setTimeout(resolve, 100, 'still open'))]);
    expect(await send(jis(birth()))).toContain('MSA|AA|');
    expect(await pieces).toBe('still open');
    await slow;
    expect(lines.join()).toContain('a frame took too long');
    expect(server.received).toHaveLength(1);
  });

  it('of a message that the time of a slow frame ends, the sender hears AE', async () => {
    await listen({ frameTimeoutMs: 200 });
    const bytes = framed(jis(vaccination()));
    const pieces = [bytes.subarray(0, 300), ...upTo(100).map((n) => bytes.subarray(299 + n, 300 + n))];
    expect(await raw(pieces, false)).toMatch(/MSA\|AE\|20260915000001\|The frame was not complete/);
  });

  it('frames that take up too much together are refused with AE, the small ones are not', async () => {
    await listen({ maxHeldBytes: 40_000, maxConnections: 20, maxMessageBytes: 100_000 });
    const large = framed(jis(vaccination() + message(`NTE|1||${'x'.repeat(90_000)}`)));
    const answers = await raw([...halves(large), large.subarray(-2)]);
    expect(answers).toMatch(/MSA\|AE\|20260915000001\|Too much is being sent at once/);
    expect(await send(jis(vaccination()))).toContain('MSA|AA|');
    expect(server.received).toHaveLength(1);
  });

  it('a sender that has said something keeps its place, whoever comes', async () => {
    await listen({ maxConnections: 3 });
    const hospital = createMllpSender({ host, port: listener.port, attempts: 1 });
    expect(await hospital.send(jis(birth()))).toContain('MSA|AA|');
    const sockets = upTo(20).map(() => connect({ host, port: listener.port }).on('error', () => undefined));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('connect', resolve))));
    expect(await hospital.send(jis(vaccination()))).toContain('MSA|AA|');
    expect(await send(jis(vaccination()))).toContain('MSA|AA|');
    await hospital.close();
    for (const socket of sockets) socket.destroy();
  });

  it('when all have said something, one more is turned away', async () => {
    await listen({ maxConnections: 2 });
    const senders = upTo(2).map(() => createMllpSender({ host, port: listener.port, attempts: 1 }));
    for (const one of senders) await one.send(jis(birth()));
    await expect(send(jis(birth()))).rejects.toThrow('closed');
    for (const one of senders) expect(await one.send(jis(birth()))).toContain('MSA|AA|');
    await Promise.all(senders.map((one) => one.close()));
  });

  it('a connection that sends nothing but broken frames is closed', async () => {
    await listen();
    await raw([Buffer.from('\x0bMSH|^~\\&|A'.repeat(150))], false);
    expect(lines.at(-1)).toContain('sends no messages');
    expect(await send(jis(birth()))).toContain('MSA|AA|');
  });

  it('a sender that reads no answers is cut off, and others are served', async () => {
    const refuseAtLength: DeliverAll = async (all) =>
      all.map(() => ({ delivery: '', fate: 'refused', reason: 'x'.repeat(400) }));
    await listen({ answerTimeoutMs: 100, deliverAll: refuseAtLength });
    const many = Buffer.concat(upTo(100).map(() => framed(Buffer.from('no HL7'))));
    const socket = connect({ host, port: listener.port }).on('error', () => undefined);
    socket.pause();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const sendOn = () => {
      while (!socket.destroyed && socket.write(many));
    };
    socket.on('drain', sendOn);
    sendOn();
    await closed;
    expect(await send(jis(birth()))).toContain('MSA|AR|');
  });
});

it('close > lets a message that is being delivered be answered', async () => {
  await listen();
  server.answerWith(() => new Promise((resolve) => setTimeout(() => resolve(receipt('stored')), 80)));
  const answer = send(jis(vaccination()));
  while (server.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await listener.close();
  expect(await answer).toContain('MSA|AA|20260915000001');
});
