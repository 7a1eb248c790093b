// What may be said against an answer to a malformed request. FHIR R4, https://hl7.org/fhir/R4/http.html#ops
import type { Got } from './client.ts';
import type { FaultClass, Sent } from './sent.ts';

/** "None over two seconds." */
export const longestMs = 2000;
const leaks = /node_modules|\.ts:\d+|SQLSTATE|syntax error at or near|^\s+at .+\(.+:\d+:\d+\)/m;

/** Undefined when the answer is as it has to be. */
export function wrongIn({ isAlwaysRefused }: FaultClass, { method, path }: Sent, got: Got): string | undefined {
  const { status, contentType, text, tookMs } = got;
  if (status >= 500 || status === 0) return `${status} ${text.slice(0, 200)}`;
  if (tookMs > longestMs) return `${Math.round(tookMs)} ms`;
  if (status < 400)
    return isAlwaysRefused && !isFoundWrong(path, text)
      ? `${status}, though it has to be refused: ${text.slice(0, 100)}`
      : undefined;
  if (leaks.test(text)) return `tells of the inside: ${text.slice(0, 300)}`;
  if (method === 'HEAD') return undefined;
  if (/^application\/fhir\+xml/.test(contentType) && text.includes('<OperationOutcome')) return undefined;
  if (!/^application\/(?:fhir\+)?json/.test(contentType)) return `${status} as ${contentType}: ${text.slice(0, 100)}`;
  return isOutcome(text) ? undefined : `${status} without an OperationOutcome: ${text.slice(0, 100)}`;
}

/** `$validate` was asked what is wrong, and tells it with 200. */
const isFoundWrong = (path: string, text: string): boolean =>
  /\/\$validate(?:\?|$)/.test(path) && errorInOutcome.test(text);
const errorInOutcome = /^\{"resourceType":"OperationOutcome","issue":\[.*"severity":"(?:error|fatal)"/;

type Body = { resourceType?: string; issue?: { diagnostics?: string }[] };
type GraphQlErrors = { errors?: { extensions?: { resource?: Body } }[] };

/** GraphQL has a form of its own for errors, with the OperationOutcome inside. https://hl7.org/fhir/R4/graphql.html#errors */
function isOutcome(text: string): boolean {
  try {
    const body = JSON.parse(text) as Body & GraphQlErrors;
    const { resourceType, issue } = body.errors?.[0]?.extensions?.resource ?? body;
    return resourceType === 'OperationOutcome' && Boolean(issue?.[0]?.diagnostics);
  } catch {
    return false;
  }
}
