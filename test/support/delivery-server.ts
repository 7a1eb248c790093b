// A small real HTTP server that stands where [base]/$deliver will be: keeps what it was sent, answers as it is told.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { method: string; url: string; authorization: string; contentType: string; text: string };
export type Answer = { status: number; body: unknown } | 'drop';

export type DeliveryServer = {
  fhirBase: string;
  received: Received[];
  answerWith(answer: (request: Received) => Answer | Promise<Answer>): void;
  close(): Promise<void>;
};

/** Answers `stored` until told otherwise; `drop` closes the connection without an answer. */
export async function startDeliveryServer(): Promise<DeliveryServer> {
  const received: Received[] = [];
  let answer: (request: Received) => Answer | Promise<Answer> = () => receipt('stored');
  const server = createServer(async (request, response) => {
    const one = await readRequest(request);
    received.push(one);
    const given = await answer(one);
    if (given === 'drop') {
      request.socket.destroy();
      return;
    }
    response.writeHead(given.status, { 'content-type': 'application/fhir+json' });
    response.end(JSON.stringify(given.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    fhirBase: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    received,
    answerWith: (next) => {
      answer = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const receipt = (fate: string, reason?: string, delivery = 'D-1'): Answer => ({
  status: fate === 'waiting' ? 202 : 200,
  body: {
    resourceType: 'Parameters',
    parameter: [
      { name: 'delivery', valueString: delivery },
      { name: 'fate', valueCode: fate },
      ...(reason ? [{ name: 'reason', valueString: reason }] : []),
    ],
  },
});

export const outcome = (status: number, diagnostics: string): Answer => ({
  status,
  body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'business-rule', diagnostics }] },
});

/** The parts of a $deliver body. */
export function partsOf(received: Received | undefined) {
  const { parameter } = JSON.parse(received?.text ?? '{"parameter":[]}');
  const part = (name: string) => parameter.find((one: { name: string }) => one.name === name);
  return {
    patient: part('patient'),
    original: Buffer.from(part('original')?.resource?.data ?? '', 'base64'),
    contentType: part('original')?.resource?.contentType,
    record: part('record')?.resource,
    problem: part('problem')?.valueString,
  };
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    authorization: request.headers.authorization ?? '',
    contentType: request.headers['content-type'] ?? '',
    text: Buffer.concat(chunks).toString('utf8'),
  };
}
