// What Node refuses before there is a request: headers over its limit (a search in the URL that is too long), no HTTP at
// all, a client that is too slow. Answered on the bare socket, in the same words as everything else.

import type { Socket } from 'node:net';
import { malformed, notSupported, type OperationOutcomeError, operationOutcome } from '../fhir/outcome.ts';

/** For Fastify's `clientErrorHandler`. */
export function answerUnreadableRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const { status, issues } = refusalOf(error.code);
  const body = JSON.stringify(operationOutcome(issues, 'ja'));
  const headers = `Content-Type: application/fhir+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\n${headers}\r\nConnection: close\r\n\r\n${body}`);
}

const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function refusalOf(code: string | undefined): OperationOutcomeError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return notSupported('URL and headers are longer than 16 KiB together; send a long search as POST _search', 431);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return notSupported('The request did not arrive in time', 408);
  return malformed('This is not an HTTP request');
}
