// The bench must not count what was not answered well: the ends of answers, and the failure on a status that is not 2xx.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Answer, createAnswerReader } from '../../conformance/bench/answer-reader.ts';
import type { LoadOrder, LoadReport } from '../../conformance/bench/load.ts';

const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';

test.each([
  ['a length', plain],
  ['chunks', chunked],
])('an answer with %s ends where it ends, wherever it is cut', (_, text) => {
  for (let cut = 1; cut < text.length; cut++) {
    const answers: Answer[] = [];
    let firstBytes = 0;
    const read = createAnswerReader({
      firstByte: () => {
        firstBytes += 1;
      },
      answer: (answer) => answers.push(answer),
    });
    for (let n = 0; n < 2; n++) {
      read(Buffer.from(text.slice(0, cut)));
      expect(answers).toHaveLength(n);
      read(Buffer.from(text.slice(cut)));
      expect(answers).toHaveLength(n + 1);
    }
    expect(answers[1]?.status).toBe(200);
    expect(firstBytes).toBe(2);
  }
});

test.each([
  [200, 'done'],
  [503, 'failed'],
])('answers of %i make the load %s', async (status, kind) => {
  const server = createServer((_request, response) => response.writeHead(status).end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const load = fork(fileURLToPath(new URL('../../conformance/bench/load.ts', import.meta.url)), { execArgv: [] });
  try {
    const { port } = server.address() as AddressInfo;
    const requests = [{ method: 'GET', path: '/a' }];
    load.send({ port, requests, connections: 2, warmUpMs: 20, windowMs: 100 } satisfies LoadOrder);
    const last = await new Promise<LoadReport>((resolve) => {
      load.on(
        'message',
        (report: LoadReport) => (report.kind === 'done' || report.kind === 'failed') && resolve(report),
      );
    });
    expect(last.kind).toBe(kind);
    if (last.kind === 'done') expect(last.latenciesMs.length).toBeGreaterThan(0);
    if (last.kind === 'failed') expect(last.message).toContain('/a: answered 503');
  } finally {
    load.kill();
    server.close();
  }
});
