import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Delivery, DeliveryFailed } from '../../../connectors/deliver.ts';
import { type Ledger, openLedger } from '../../../connectors/ssmix2/ledger.ts';
import {
  type StorageConnector,
  type StorageWatch,
  startStorageWatch,
} from '../../../connectors/ssmix2/watch-storage.ts';
import { INSTITUTION, jis, laboratory, PATIENT_NUMBER } from '../../support/samples/hl7v2.ts';
import { makeStorage, type Storage, storagePath } from '../../support/samples/storage.ts';

let storage: Storage;
let ledger: Ledger;
let connector: StorageConnector | undefined;
let delivered: Delivery[];
let lines: string[];
beforeEach(async () => {
  storage = await makeStorage();
  ledger = openLedger(join(storage.beside, 'ledger.sqlite'), 'test');
  delivered = [];
  lines = [];
});
afterEach(async () => {
  await connector?.close();
  ledger.close();
  await storage.remove();
});

const order = { type: 'OML-11', key: '000000000000354' };
const other = { ...order, key: '000000000000355' };
const otherNumber = storagePath({ ...order, patient: '0000012399' });

const keep: StorageWatch['deliverAll'] = async (deliveries) => {
  delivered.push(...deliveries);
  return deliveries.map(() => ({ delivery: 'D', fate: 'waiting' }));
};

async function start(options: Partial<StorageWatch> = {}): Promise<void> {
  connector = startStorageWatch({
    ...{ root: storage.root, ledger, institution: INSTITUTION, deliverAll: keep, log: (line) => lines.push(line) },
    ...{ gatherMs: 20, settleMs: 300, roundEveryMs: 600_000 },
    ...options,
  });
  await connector.ready;
}

const untilDelivered = (count: number): Promise<void> =>
  vi.waitFor(() => expect(delivered.map(({ message }) => message?.id)).toHaveLength(count), { timeout: 10_000 });

/** As a hospital writes it: now. */
async function writeNow(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(storage.root, path)), { recursive: true });
  await writeFile(join(storage.root, path), bytes);
}

describe('a connector that watches', () => {
  it('takes what is there, and a file as soon as it is new, in a folder that is new as well', async () => {
    await storage.write(order, laboratory());
    await start();
    expect(delivered).toHaveLength(1);
    await writeNow(storagePath({ ...order, date: '20260920' }), jis(laboratory()));
    await untilDelivered(2);
    await writeNow(otherNumber, jis(laboratory()));
    await untilDelivered(3);
    expect(delivered[2]?.problem).toMatch(/another patient number/);
    await writeNow(storagePath({ ...other, date: '20260920' }), jis(laboratory()));
    await untilDelivered(4);
  });

  it('sees what is written into a folder that was removed and made again', async () => {
    const path = await storage.write(order, laboratory());
    await start();
    await rm(join(storage.root, dirname(dirname(path))), { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await writeNow(storagePath(other), jis(laboratory()));
    await untilDelivered(2);
    await writeNow(storagePath({ ...other, key: '000000000000356' }), jis(laboratory()));
    await untilDelivered(3);
  });

  it('takes a flag that changes for a withdrawal', async () => {
    const path = await storage.write(order, laboratory());
    await start();
    await storage.flag(path, '0');
    await untilDelivered(2);
    expect(delivered[1]).toMatchObject({ isAgain: true, message: { time: '2026-09-15T10:15:00.001+09:00' } });
    expect(JSON.stringify(delivered[1]?.record)).toContain('"status":"entered-in-error"');
  });

  it('waits for the rest of a file that is written slowly', async () => {
    await storage.write(order, laboratory());
    await start();
    const bytes = jis(laboratory());
    const path = storagePath({ ...other, date: '20260921' });
    await writeNow(path, bytes.subarray(0, 500));
    for (let at = 500; at < bytes.length; at += 200) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await appendFile(join(storage.root, path), bytes.subarray(at, at + 200));
      expect(delivered).toHaveLength(1);
    }
    await untilDelivered(2);
    expect(Buffer.from(delivered[1]?.original ?? []).equals(Buffer.from(bytes))).toBe(true);
  });

  it('misses nothing that the system did not tell of', async () => {
    await storage.write(order, laboratory());
    await start({ mostWatches: 0, roundEveryMs: 300 });
    await writeNow(storagePath(other), jis(laboratory()));
    await untilDelivered(2);
  });

  it('waits for a server that is away', async () => {
    await storage.write(order, laboratory());
    let calls = 0;
    await start({
      deliverAll: async (deliveries) => {
        if (++calls < 3)
          throw new DeliveryFailed('The server could not be reached or did not answer in time.', undefined);
        return keep(deliveries);
      },
    });
    expect(delivered).toHaveLength(1);
    expect(lines.filter((line) => line.includes('sent again'))).toHaveLength(2);
  });

  it('ends when the server does not accept it, and says so', async () => {
    await storage.write(order, laboratory());
    const deliverAll = async () => {
      throw new DeliveryFailed('The server does not accept the access token (401).', 401);
    };
    await expect(start({ deliverAll })).rejects.toThrow(/401/);
    await expect(connector?.ended).rejects.toThrow(/401/);
    expect(lines.at(-1)).toBe('ssmix2: ended: The server does not accept the access token (401).');
  });

  it('goes on when the drive comes back, and takes nothing for gone meanwhile', async () => {
    await storage.write(order, laboratory());
    await start({ roundEveryMs: 100 });
    await rename(storage.root, `${storage.root}-away`);
    await vi.waitFor(() => expect(lines.join()).toContain('cannot be read (ENOENT)'), { timeout: 5000 });
    await mkdir(storage.root);
    await vi.waitFor(() => expect(lines.join()).toContain('the storage is empty'), { timeout: 5000 });
    await rm(storage.root, { recursive: true });
    await rename(`${storage.root}-away`, storage.root);
    await writeNow(storagePath(other), jis(laboratory()));
    await untilDelivered(2);
    expect(lines.join()).not.toContain('gone');
  });

  it('says nothing of a patient in its log', async () => {
    const path = await storage.write(order, laboratory());
    await storage.write({ ...order, patient: '0000099999' }, laboratory());
    await start({ roundEveryMs: 100 });
    await rm(join(storage.root, path));
    await vi.waitFor(() => expect(lines.join()).toContain('stays in the record: 1'), { timeout: 5000 });
    expect(lines.join()).not.toContain(PATIENT_NUMBER);
    expect(lines.join()).not.toContain('0000099999');
  });
});
