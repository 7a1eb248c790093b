// The load generator, a process of its own: keeps a number of connections busy with prepared requests, one request at a
// time on each, and reports what was answered inside the measured window. Takes orders and answers over Node's IPC.
import { connect, type Socket } from 'node:net';
import { createAnswerReader } from './answer-reader.ts';

export type BenchRequest = {
  method: string;
  path: string;
  /** Another caller than the one of the load. */
  token?: string;
  /** `%VERSION%` in it becomes the version that an update makes, `%SERIAL%` a number that no other request has. */
  body?: string;
  contentType?: string;
  /** Sends If-Match with the version that the updates of this path have reached, this one at first. */
  ifMatch?: number;
  /** If-None-Exist: search criteria, `%SERIAL%` as in the body. */
  ifNoneExist?: string;
};

export type LoadOrder = {
  port: number;
  token?: string;
  requests: BenchRequest[];
  connections: number;
  warmUpMs: number;
  windowMs: number;
};

export type LoadReport =
  | { kind: 'window-open' }
  | { kind: 'window-closed'; completed: number; windowMs: number }
  | { kind: 'done'; latenciesMs: number[]; firstBytesMs: number[] }
  | { kind: 'failed'; message: string };

const answerTimeoutMs = 30_000;
const versions = new Map<string, number>();
// The data of an earlier run may be used again.
const run36 = Date.now().toString(36);
let serial = 0;

process.on('message', (order: LoadOrder) => {
  run(order).catch((error) => report({ kind: 'failed', message: String(error.message ?? error) }));
});
process.on('disconnect', () => process.exit(0));

const report = (message: LoadReport) => process.send?.(message);

async function run(order: LoadOrder): Promise<void> {
  const { connections, warmUpMs, windowMs } = order;
  const latenciesMs: number[] = [];
  const firstBytesMs: number[] = [];
  let phase: 'warm-up' | 'window' | 'over' = 'warm-up';
  let openedAtMs = 0;

  const timers = [
    setTimeout(() => {
      openedAtMs = performance.now();
      phase = 'window';
      report({ kind: 'window-open' });
    }, warmUpMs),
    setTimeout(() => {
      phase = 'over';
      report({ kind: 'window-closed', completed: latenciesMs.length, windowMs: performance.now() - openedAtMs });
    }, warmUpMs + windowMs),
  ];
  const lanes = Array.from({ length: connections }, (_, lane) =>
    keepBusy(order.port, laneRequests(order, lane), {
      isOver: () => phase === 'over',
      answered: (latencyMs, firstByteMs) => {
        if (phase !== 'window') return;
        latenciesMs.push(latencyMs);
        firstBytesMs.push(firstByteMs);
      },
    }),
  );
  try {
    await Promise.all(lanes);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    phase = 'over';
  }
  report({ kind: 'done', latenciesMs, firstBytesMs });
}

type Lane = { isOver(): boolean; answered(latencyMs: number, firstByteMs: number): void };

/** One connection, from the first request until the time is over and the last answer is here. */
function keepBusy(port: number, next: () => { text: string | Buffer; path: string }, lane: Lane): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAtMs = 0;
    let firstByteAtMs = 0;
    let path = '';
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const fail = (what: string) => {
      socket.destroy();
      reject(new Error(`${path}: ${what}`));
    };
    const send = () => {
      const request = next();
      path = request.path;
      sentAtMs = performance.now();
      socket.write(request.text);
    };
    const onData = createAnswerReader({
      firstByte: () => {
        firstByteAtMs = performance.now();
      },
      answer: (answer) => {
        if (answer.status < 200 || answer.status > 299) return fail(`answered ${answer.status}\n${answer.start}`);
        lane.answered(performance.now() - sentAtMs, firstByteAtMs - sentAtMs);
        if (!lane.isOver()) return send();
        socket.end();
        resolve();
      },
    });
    socket.on('data', onData);
    socket.on('connect', send);
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the connection was closed before the answer'));
    socket.setTimeout(answerTimeoutMs, () => fail(`no answer in ${answerTimeoutMs} ms`));
  });
}

/** The requests of one lane in an endless row. Lanes share no path as long as there are more requests than lanes. */
function laneRequests(
  { requests, connections, token }: LoadOrder,
  lane: number,
): () => { text: string | Buffer; path: string } {
  const own = requests.length >= connections ? requests.filter((_, n) => n % connections === lane) : requests;
  const prepared = own.map((request) => ({
    request,
    text: changes(request) ? '' : Buffer.from(textOf(request, token)),
  }));
  // Each round begins somewhere else, so that a short one does not repeat what the one before has warmed up.
  let n = Math.floor(Math.random() * own.length);
  return () => {
    const { request, text } = prepared[n++ % prepared.length] as (typeof prepared)[number];
    if (!changes(request)) return { text, path: request.path };
    if (request.ifMatch === undefined) return { text: textOf(request, token), path: request.path };
    const version = Math.max(versions.get(request.path) ?? 0, request.ifMatch);
    versions.set(request.path, version + 1);
    return { text: textOf(request, token, version), path: request.path };
  };
}

const changes = ({ body, ifMatch }: BenchRequest): boolean =>
  ifMatch !== undefined || body?.includes('%SERIAL%') === true;

function textOf(request: BenchRequest, token?: string, version?: number): string {
  const { method, path, body, contentType, ifNoneExist } = request;
  if (changes(request)) serial += 1;
  const filled = (text: string) =>
    text.replaceAll('%SERIAL%', `${run36}-${serial}`).replaceAll('%VERSION%', String((version ?? 0) + 1));
  const content = body === undefined ? undefined : changes(request) ? filled(body) : body;
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Accept: application/fhir+json'];
  const bearer = request.token ?? token;
  if (bearer !== undefined) lines.push(`Authorization: Bearer ${bearer}`);
  if (version !== undefined) lines.push(`If-Match: W/"${version}"`);
  if (ifNoneExist !== undefined) lines.push(`If-None-Exist: ${filled(ifNoneExist)}`);
  if (content !== undefined) {
    lines.push(
      `Content-Type: ${contentType ?? 'application/fhir+json'}`,
      `Content-Length: ${Buffer.byteLength(content)}`,
    );
  }
  return `${lines.join('\r\n')}\r\n\r\n${content ?? ''}`;
}
