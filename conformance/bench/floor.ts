// The floor, a process of its own: what node:http and pg can do on the same database with nothing between them. It selects
// the text by its key, or inserts it durably, and answers with as many bytes as the server does.
//
//     node floor.ts        takes the database's connection over Node's IPC, and reports { port }
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freshBucket, newKey } from '../../server/store/ids.ts';
import { type Connection, openPool } from '../../server/store/pool.ts';

const [connection] = (await once(process, 'message')) as [Connection];
// The same pool as the server's: size, prepared statements, generic plans.
const pool = openPool(connection, 10, 30_000);
await pool.query('create table if not exists bench_floor (key uuid primary key, content text not null)');

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, what, rest = ''] = (request.url ?? '').split('/');
  if (what === 'read') return read(rest, response);
  if (what === 'create') return create(await bodyOf(request), response);
  if (what === 'transaction') return createMany(await bodyOf(request), Number(rest), response);
  response.writeHead(404).end();
}

async function read(key: string, response: ServerResponse): Promise<void> {
  const text = 'select content from resource where key = $1';
  const { rows } = await pool.query<{ content: string }>({ name: 'read', text, values: [key] });
  send(response, rows[0] ? 200 : 404, rows[0]?.content ?? '');
}

async function create(content: string, response: ServerResponse): Promise<void> {
  const text = 'insert into bench_floor (key, content) values ($1, $2)';
  await pool.query({ name: 'create', text, values: [newKey(Date.now(), freshBucket()), content] });
  send(response, 201, content);
}

/** One resource a line; one statement for all. */
async function createMany(lines: string, answerBytes: number, response: ServerResponse): Promise<void> {
  const contents = lines.split('\n');
  const keys = contents.map(() => newKey(Date.now(), freshBucket()));
  const text = 'insert into bench_floor (key, content) select * from unnest($1::uuid[], $2::text[])';
  await pool.query({ name: 'create-many', text, values: [keys, contents] });
  send(response, 200, 'x'.repeat(answerBytes));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/fhir+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () =>
      resolve((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString('utf8')),
    );
    request.on('error', reject);
  });
}
