// Many lines into few requests: order within a line, turns between lines, and one bad delivery that costs the others nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeliverAll, type Delivery, DeliveryFailed } from '../../connectors/deliver.ts';
import { gather } from '../../connectors/gather.ts';

const delivery = (text: string): Delivery => ({
  patient: undefined,
  original: Buffer.from(text),
  contentType: 'text/plain',
  record: undefined,
  problem: undefined,
});
const textOf = ({ original }: Delivery) => Buffer.from(original).toString();
const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A server whose requests stay open until they are released. */
function openServer() {
  const batches: string[][] = [];
  const releases: (() => void)[] = [];
  const deliverAll: DeliverAll = async (all) => {
    batches.push(all.map(textOf));
    await new Promise<void>((resolve) => releases.push(resolve));
    return all.map((one) => ({ delivery: textOf(one), fate: 'stored' }));
  };
  const release = async () => {
    releases.shift()?.();
    await tick();
  };
  return { batches, deliverAll, release };
}

describe('gather', () => {
  it('hands over at once when nothing is under way, and together what has come meanwhile', async () => {
    const { batches, deliverAll, release } = openServer();
    const hand = gather(deliverAll, { atOnce: 1 });
    const all = ['a', 'b', 'c', 'd'].map((text) => hand(delivery(text), { text }));
    expect(batches).toEqual([['a']]);
    await release();
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
    await release();
    expect((await Promise.all(all)).map((receipt) => receipt.delivery)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('never has two requests with deliveries of one line under way', async () => {
    const { batches, deliverAll, release } = openServer();
    const hand = gather(deliverAll, { atOnce: 2 });
    const [one, other] = [{}, {}];
    const all = [hand(delivery('1'), one), hand(delivery('2'), one), hand(delivery('x'), other)];
    expect(batches).toEqual([['1'], ['x']]);
    await release();
    expect(batches).toEqual([['1'], ['x'], ['2']]);
    await release();
    await release();
    await Promise.all(all);
  });

  it('lets lines take turns when a request is full', async () => {
    const { batches, deliverAll, release } = openServer();
    const hand = gather(deliverAll, { atOnce: 1, most: 3 });
    const [first, busy, quiet] = [{}, {}, {}];
    void hand(delivery('0'), first);
    for (const text of ['b1', 'b2', 'b3', 'b4']) void hand(delivery(text), busy);
    void hand(delivery('q1'), quiet);
    await release();
    await release();
    expect(batches).toEqual([['0'], ['b1', 'b2', 'q1'], ['b3', 'b4']]);
  });

  it('keeps a request below its size, but for one delivery that is larger alone', async () => {
    const { batches, deliverAll, release } = openServer();
    const hand = gather(deliverAll, { atOnce: 1, mostBytes: 10 });
    for (const text of ['-', 'sixsix', 'fours', 'longer than ten']) void hand(delivery(text), { text });
    for (let n = 0; n < 3; n++) await release();
    expect(batches).toEqual([['-'], ['sixsix'], ['fours'], ['longer than ten']]);
  });

  it.each([400, 413, 500])('finds the one for which the server answers %i, and hands in the others', async (status) => {
    const requests: number[] = [];
    const deliverAll: DeliverAll = async (all) => {
      requests.push(all.length);
      if (all.some((one) => textOf(one) === 'bad')) throw new DeliveryFailed('no', status);
      return all.map((one) => ({ delivery: textOf(one), fate: 'stored' }));
    };
    const hand = gather(deliverAll, { atOnce: 1 });
    const texts = ['0', '1', '2', 'bad', '4', '5', '6', '7'];
    const results = await Promise.allSettled(texts.map((text) => hand(delivery(text), { text })));
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(texts.map((text) => text !== 'bad'));
    // The first alone, seven, and the halves down to the one.
    expect(requests).toEqual([1, 7, 3, 1, 2, 1, 1, 4]);
  });

  it.each([undefined, 401, 403, 404, 429, 503])('asks once when the way is at fault (%s)', async (status) => {
    let requests = 0;
    const deliverAll: DeliverAll = async () => {
      requests += 1;
      throw new DeliveryFailed('no', status);
    };
    const hand = gather(deliverAll, { atOnce: 1 });
    const lane = {};
    const results = await Promise.allSettled(['a', 'b', 'c'].map((text) => hand(delivery(text), lane)));
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(requests).toBe(2);
  });

  it('keeps the order of every line, whatever comes when', async () => {
    const sent = fc.array(fc.record({ lane: fc.nat(3), pause: fc.boolean() }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        sent,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (all, atOnce, most) => {
          const lanes = [{}, {}, {}, {}];
          const arrived: number[][] = [[], [], [], []];
          const deliverAll: DeliverAll = async (batch) => {
            if (batch.length % 2) await tick();
            for (const one of batch) {
              const [lane, n] = textOf(one).split(' ').map(Number);
              arrived[lane ?? 0]?.push(n ?? 0);
            }
            return batch.map(() => ({ delivery: '', fate: 'stored' }));
          };
          const hand = gather(deliverAll, { atOnce, most });
          const receipts: Promise<unknown>[] = [];
          for (const [n, { lane, pause }] of all.entries()) {
            receipts.push(hand(delivery(`${lane} ${n}`), lanes[lane] ?? {}));
            if (pause) await tick();
          }
          await Promise.all(receipts);
          expect(arrived.flat()).toHaveLength(all.length);
          for (const numbers of arrived) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        },
      ),
      { numRuns: 60 },
    );
  });
});
