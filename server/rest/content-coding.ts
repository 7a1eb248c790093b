// gzip, br and deflate: answers by Accept-Encoding, bodies by Content-Encoding with the limit on what comes out of them.
// RFC 9110 section 8.4 and 12.5.3. https://www.rfc-editor.org/rfc/rfc9110.html#section-12.5.3

import { pipeline, type Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { FastifyRequest, RequestPayload } from 'fastify';
import { notSupported } from '../fhir/outcome.ts';

type Coding = {
  whole(body: string | Buffer): Promise<Buffer>;
  stream(): Transform;
  decoder(): Transform;
};

// Middle levels: a page of a search shrinks to a tenth, and the next percent would cost as much again.
const gzip = { level: 4 };
const brotli = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };
const wholeGzip = promisify<string | Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);
const wholeDeflate = promisify<string | Buffer, zlib.ZlibOptions, Buffer>(zlib.deflate);
const wholeBrotli = promisify<string | Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);

/** By the name both headers use; of codings a caller likes equally the first is taken. */
const codings: Record<string, Coding> = {
  br: {
    whole: (body) => wholeBrotli(body, brotli),
    stream: () => zlib.createBrotliCompress(brotli),
    decoder: () => zlib.createBrotliDecompress(),
  },
  gzip: {
    whole: (body) => wholeGzip(body, gzip),
    stream: () => zlib.createGzip(gzip),
    decoder: () => zlib.createGunzip(),
  },
  deflate: {
    whole: (body) => wholeDeflate(body, gzip),
    stream: () => zlib.createDeflate(gzip),
    decoder: () => zlib.createInflate(),
  },
};
const names = Object.keys(codings);
/** Below this the headers weigh more than what is won. */
const leastBytes = 1024;

export type Coded = { coding: string; body: Buffer | Readable | Promise<Buffer> };

/** The body as Accept-Encoding wants it; undefined when it goes out as it is. */
export function coded(acceptEncoding: string | undefined, body: string | Buffer | Readable): Coded | undefined {
  if (acceptEncoding === undefined) return undefined;
  const isWhole = typeof body === 'string' || Buffer.isBuffer(body);
  if (isWhole && body.length < leastBytes) return undefined;
  const name = wantedCoding(acceptEncoding);
  const coding = name === undefined ? undefined : codings[name];
  if (name === undefined || coding === undefined) return undefined;
  if (isWhole) return { coding: name, body: coding.whole(body) };
  // A source that fails ends the coder, and with it the connection: half an answer must not look whole.
  return { coding: name, body: pipeline(body, coding.stream(), () => undefined) };
}

function wantedCoding(acceptEncoding: string): string | undefined {
  const wishes = new Map(acceptEncoding.toLowerCase().split(',').map(wish));
  const other = wishes.get('*') ?? 0;
  const best = names
    .map((name): [string, number] => [name, wishes.get(name) ?? other])
    .sort(([, one], [, another]) => another - one)[0];
  return best !== undefined && best[1] > 0 ? best[0] : undefined;
}

function wish(text: string): [string, number] {
  const [name = '', parameter = ''] = text.split(';');
  const q = Number(/^\s*q\s*=\s*([\d.]+)\s*$/.exec(parameter)?.[1] ?? 1);
  return [name.trim().replace(/^x-gzip$/, 'gzip'), q];
}

/** A body's stream as it was before Content-Encoding. Throws 415 for a coding we do not have. */
export function decoded(request: FastifyRequest, payload: RequestPayload, limitBytes: number): RequestPayload {
  const name =
    request.headers['content-encoding']
      ?.trim()
      .toLowerCase()
      .replace(/^x-gzip$/, 'gzip') ?? 'identity';
  if (name === 'identity' || name === '') return payload;
  const coding = Object.hasOwn(codings, name) ? codings[name] : undefined;
  if (coding === undefined) throw notSupported(`The Content-Encoding must be one of ${names.join(', ')}`, 415);
  const decoder: Transform & { receivedEncodedLength?: number } = coding.decoder();
  let encodedBytes = 0;
  let bytes = 0;
  payload.on('data', (chunk: Buffer) => {
    encodedBytes += chunk.length;
    decoder.receivedEncodedLength = encodedBytes;
  });
  payload.on('error', (error) => decoder.destroy(error));
  // Fastify refuses what is over its limit; without this the rest would still be unpacked, for nobody.
  decoder.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limitBytes) decoder.destroy();
  });
  payload.pipe(decoder);
  return decoder;
}
