// A revocation service on loopback: answers `/ocsp` and `/crl` over HTTP with the bytes that a test makes.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type StatusServer = {
  ocspUrl: string;
  crlUrl: string;
  /** Where it listens, and one where nobody does. */
  ports: number[];
  /** What was asked: method and path with content type and body. */
  asked: { method: string; url: string; contentType: string | undefined; body: Buffer }[];
  /** Undefined leaves the request without an answer. */
  answerWith(answer: (body: Buffer, response: ServerResponse) => Buffer | undefined): void;
  close(): Promise<void>;
};

export async function startStatusServer(): Promise<StatusServer> {
  const asked: StatusServer['asked'] = [];
  let answer: (body: Buffer, response: ServerResponse) => Buffer | undefined = () => Buffer.alloc(0);
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, contentType: headers['content-type'], body });
    const bytes = answer(body, response);
    if (bytes) response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  return {
    ocspUrl: `${base}/ocsp`,
    crlUrl: `${base}/crl`,
    ports: [port, 1],
    asked,
    answerWith: (next) => {
      answer = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
