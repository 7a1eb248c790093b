// The HL7 v2 listener: MLLP frames in, each mapped and handed to the server, each answered with its true fate. A message is
// acknowledged only after the server has kept it; what cannot be read is kept too and answered AR. What waits on all lines
// together goes to the server in one request. HL7 v2 Transport: Minimal Lower Layer Protocol, release 1; over TLS as IHE ATNA has it.

import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import type { DeliverAll } from '../deliver.ts';
import { gather } from '../gather.ts';
import { type Connection, serve } from './connection.ts';
import { type MllpLimits, mllpLimits } from './limits.ts';
import { type Log, receiver } from './receive.ts';

/** Certificates and key in PEM. With `clientAuthorities` only senders are let in that show a certificate of theirs. */
export type MllpTls = { certificate: string | Buffer; key: string | Buffer; clientAuthorities?: string | Buffer };

export type MllpListenerOptions = {
  /** 0 lets the system choose. */
  port: number;
  host: string;
  deliverAll: DeliverAll;
  /** 10-digit institution number of the hospital behind this port; without it PID-3.4 must name an OID. */
  institution?: string;
  tls?: MllpTls;
  /** One line per event; no content of messages. */
  log?: Log;
} & Partial<MllpLimits>;

export type MllpListener = { port: number; close(): Promise<void> };

/** Resolves when it listens. `close` lets messages that are being delivered finish and be answered, for a few seconds. */
export async function startMllpListener(options: MllpListenerOptions): Promise<MllpListener> {
  const { port, host, tls, log = () => undefined, deliverAll, institution, ...given } = options;
  const limits = { ...mllpLimits, ...given };
  const receive = receiver({ handOver: gather(deliverAll), log, ...(institution !== undefined && { institution }) });
  const connections = new Map<Socket, Connection>();
  const held = { bytes: 0 };

  const onSocket = (socket: Socket) => {
    if (connections.size >= limits.maxConnections && !makeRoom()) {
      log('warn', `mllp: there are ${limits.maxConnections} connections already; a new one was closed`);
      socket.destroy();
      return;
    }
    connections.set(socket, serve(socket, { limits, receive, log, held }));
    socket.on('close', () => connections.delete(socket));
  };
  // Whoever has never sent a whole message gives way, the longest there first: connections alone must not keep a hospital out.
  const makeRoom = (): boolean => {
    const silent = [...connections].find(([, connection]) => !connection.hasSpoken());
    silent?.[0].destroy();
    if (silent) connections.delete(silent[0]);
    return silent !== undefined;
  };

  // Those whose handshake is not done are here as well.
  const sockets = new Set<Socket>();
  const server = tls ? tlsServer(tls, onSocket, log) : createServer(quiet, onSocket);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // A bound for the system as well, with room for those that we choose among.
  server.maxConnections = 2 * limits.maxConnections;
  await listening(server, port, host);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const finished = Promise.all([...connections.values()].map((connection) => connection.finish()));
      await Promise.race([finished, delay(longestGoodbyeMs, undefined, { ref: false })]);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

// A connection may be quiet for days, but a sender that has vanished must not hold its place for ever.
const quiet = { allowHalfOpen: true, keepAlive: true, keepAliveInitialDelay: 60_000, noDelay: true };
const handshakeTimeoutMs = 10_000;
const longestGoodbyeMs = 3_000;

function tlsServer({ certificate, key, clientAuthorities }: MllpTls, onSocket: (socket: Socket) => void, log: Log) {
  const clients = clientAuthorities && { ca: clientAuthorities, requestCert: true, rejectUnauthorized: true };
  const keys = { cert: certificate, key, handshakeTimeout: handshakeTimeoutMs, minVersion: 'TLSv1.2' as const };
  const server = createTlsServer({ ...quiet, ...keys, ...clients }, onSocket);
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    log('warn', `mllp: a sender was not let in: ${error.code ?? 'TLS failed'}`);
    socket.destroy();
  });
  return server;
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
