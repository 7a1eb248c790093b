// A hospital's line into a real server: sent again, in any order, in any pieces, on several connections, with the server killed in
// between. What was acknowledged is in the record, and once.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { framed } from '../../../connectors/mllp/frames.ts';
import { acknowledgedBy, createMllpSender } from '../../../connectors/mllp/send.ts';
import type { CommandProcess } from '../../support/command-process.ts';
import { type Hospital, lotOf, messageOf, openHospital, upTo } from './hospital.ts';

const host = '127.0.0.1';
let hospital: Hospital;
let server: CommandProcess;

beforeAll(async () => {
  hospital = await openHospital();
  server = await hospital.start();
  await hospital.link('見本医院');
});
afterAll(() => hospital.close());

const lots = (numbers: readonly number[]) => numbers.map(lotOf).sort();
const reversed = (numbers: readonly number[]) => [...numbers].reverse();

/** Each sender has its share of the messages, and sends on when the server is away. */
async function sendAll(numbers: readonly number[], senders: number): Promise<void> {
  const share = async (own: number) => {
    const sender = createMllpSender({ host, port: hospital.mllpPort, attempts: 60, retryMs: 50, timeoutMs: 5_000 });
    for (const n of numbers.filter((_, index) => index % senders === own))
      expect(acknowledgedBy(await sender.send(messageOf(n)))).toEqual({ code: 'AA', controlId: `HIS${n}` });
    await sender.close();
  };
  await Promise.all(Array.from({ length: senders }, (_, own) => share(own)));
}

test('messages in single bytes, one behind the other without waiting, are answered in their order', async () => {
  const numbers = upTo(3);
  const bytes = Buffer.concat(numbers.map((n) => framed(messageOf(n))));
  const answers = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect({ host, port: hospital.mllpPort, noDelay: true }, async () => {
      for (let at = 0; at < bytes.length; at++) {
        socket.write(bytes.subarray(at, at + 1));
        if (at % 20 === 0) await delay(0);
      }
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.split('\x1c').length > numbers.length) socket.end();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect([...answers.matchAll(/MSA\|(\w\w)\|(\w+)/g)].map(([, code, id]) => `${code} ${id}`)).toEqual([
    'AA HIS1',
    'AA HIS2',
    'AA HIS3',
  ]);
  expect(await hospital.lots()).toEqual(lots(numbers));
});

test('with the server killed while four connections send, everything is there once', async () => {
  const sent = sendAll(upTo(120), 4);
  await expect.poll(async () => (await hospital.lots()).length, { timeout: 30_000 }).toBeGreaterThan(10);
  await server.end('SIGKILL');
  server = await hospital.start();
  await sent;
  expect(await hospital.lots()).toEqual(lots(upTo(120)));
});

test('the same messages again, in another order and on other connections, change nothing', async () => {
  await Promise.all([sendAll(reversed(upTo(120)), 3), sendAll(upTo(120), 5)]);
  expect(await hospital.lots()).toEqual(lots(upTo(120)));
});

test('a message of 3 MB is taken, and refused with its original kept when a text in it is too long', async () => {
  const sender = createMllpSender({ host, port: hospital.mllpPort, attempts: 1 });
  const withSegment = (n: number, segment: string) =>
    Buffer.concat([messageOf(n), Buffer.from(`${segment}|1||${'x'.repeat(3_000_000)}\r`)]);
  const large = await sender.send(withSegment(121, 'ZXX'));
  expect(acknowledgedBy(large)).toEqual({ code: 'AA', controlId: 'HIS121' });
  const tooLong = await sender.send(withSegment(122, 'NTE'));
  expect(acknowledgedBy(tooLong)).toEqual({ code: 'AR', controlId: 'HIS122' });
  expect(await hospital.lots()).toEqual(lots(upTo(121)));
  await sender.close();
});
