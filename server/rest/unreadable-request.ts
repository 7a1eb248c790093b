// What Node refuses before there is a request: headers over its limit (a search in the URL that is too long), no HTTP at
// all, a client that is too slow. Answered on the bare socket, in the same words as everything else. And what becomes of a
// body that was refused before its end.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { malformed, notSupported, type OperationOutcomeError, operationOutcome } from '../fhir/outcome.ts';

/** For Fastify's `clientErrorHandler`. */
export function answerUnreadableRequest(error: Error & { code?: string }, socket: Socket): void {
  // Behind an answer that has begun, these words would be read as part of it.
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: ServerResponse | null };
  if (error.code === 'ECONNRESET' || !socket.writable || begun?.headersSent || answered.has(socket)) {
    socket.destroy();
    return;
  }
  const { status, issues } = refusalOf(error.code);
  const body = JSON.stringify(operationOutcome(issues, 'ja'));
  const headers = `Content-Type: application/fhir+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\n${headers}\r\nConnection: close\r\n\r\n${body}`);
}

const longestHearingMs = 5_000;
const answered = new WeakSet<Socket>();

/**
 * Reads what is left of a body that is refused, and throws it away, for 5 seconds: a connection that is closed while its
 * client still sends takes the answer with it.
 */
export function hearOut(request: IncomingMessage): void {
  const { socket } = request;
  answered.add(socket);
  const timer = setTimeout(() => socket.destroy(), longestHearingMs);
  const end = () => {
    clearTimeout(timer);
    answered.delete(socket);
  };
  request.once('end', end).once('close', end).resume();
}

/** For Node's `checkExpectation`: an `Expect` header that asks for something else than 100-continue. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, issues } = notSupported('The only expectation this server meets is Expect: 100-continue', 417);
  const body = JSON.stringify(operationOutcome(issues, 'ja'));
  const headers = { 'content-type': 'application/fhir+json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
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
