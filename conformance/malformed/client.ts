// Sends one malformed request and takes what comes back: over node:http where it is a request at all, else as bytes on a
// socket of its own.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { Sent } from './sent.ts';
import type { Ready } from './server.ts';

export type Got = { status: number; contentType: string; text: string; tookMs: number };

const patienceMs = 30_000;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Rejects when the connection ends without an answer, or when none comes in 30 seconds. */
export async function send(ready: Ready, sent: Sent): Promise<Got> {
  const startedMs = performance.now();
  const answer = await (sent.wire ? overSocket(ready, sent.wire) : overHttp(ready, sent));
  return { ...answer, tookMs: performance.now() - startedMs };
}

type Answer = Omit<Got, 'tookMs'>;

function overHttp({ port, tokens }: Ready, { method, path, headers = {}, body, as = 'system' }: Sent): Promise<Answer> {
  const authorization = as === 'none' ? {} : { authorization: `Bearer ${tokens[as]}` };
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method,
        path: `/fhir${path}`,
        headers: { ...authorization, ...length, ...headers },
        timeout: patienceMs,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', text });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${patienceMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function overSocket({ port, tokens }: Ready, bytes: Buffer): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer in ${patienceMs} ms`)));
  socket.write(Buffer.from(bytes.toString('latin1').replace('TOKEN', tokens.system), 'latin1'));
  const chunks: Buffer[] = [];
  // An answer to what is no request ends the connection; the end of ours is what makes the server give up waiting.
  setTimeout(() => socket.end(), 50);
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const [, status = '0'] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  const [, contentType = ''] = /^content-type: (.+?)\r?$/im.exec(text) ?? [];
  return { status: Number(status), contentType, text: text.slice(Math.max(0, text.indexOf('{'))) };
}

/** Ends the connections that are kept. */
export const hangUp = () => agent.destroy();
