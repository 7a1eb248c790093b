// Prometheus figures of this process and of the work it shares with others through the database. Labels are words of the
// table of interactions and status classes: nothing that a caller sends becomes a label.

import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import type { Backlog } from '../store/backlog.ts';

export type MetricsOptions = {
  register: Registry;
  /** What the database knows of work that waits. */
  backlog: () => Promise<Backlog>;
  /** The interaction or operation that a method and a URL ask for; `other` for what is none. */
  nameOf: (method: string, url: string) => string;
};

const durationBucketsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counts deliveries by what became of them. */
export function deliveryCounter(register: Registry): (fate: string) => void {
  const counter = new Counter({
    name: 'tsumugi_deliveries_total',
    help: 'Messages of facilities that were handed in, by fate: stored, waiting, refused',
    labelNames: ['fate'],
    registers: [register],
  });
  return (fate) => counter.inc({ fate });
}

/** Measures every request and serves /metrics. Open like /healthz: there is nothing about a person in it. */
export function metricsRoute(app: FastifyInstance, { backlog, nameOf, register }: MetricsOptions): void {
  collectDefaultMetrics({ register });
  const duration = new Histogram({
    name: 'tsumugi_http_request_duration_seconds',
    help: 'Time from the request to the last byte of its answer',
    labelNames: ['interaction', 'status'],
    buckets: durationBucketsS,
    registers: [register],
  });
  const waiting = new Gauge({
    name: 'tsumugi_backlog',
    help: 'Work that waits: connections wanted, jobs due, jobs given up, messages of patients not linked yet, messages that a person should look at, types and rows to be indexed again',
    labelNames: ['what'],
    registers: [register],
  });
  const behind = new Gauge({
    name: 'tsumugi_outbox_behind_seconds',
    help: 'Age of the oldest change that a reader of the outbox has not taken yet',
    labelNames: ['consumer'],
    registers: [register],
  });

  app.addHook('onResponse', async (request, reply) => {
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    duration.observe({ interaction: nameOf(request.method, request.url), status }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', async (_request, reply) => {
    const { counts, behindSeconds } = await backlog();
    for (const [what, count] of Object.entries(counts)) waiting.set({ what }, count);
    for (const [consumer, seconds] of Object.entries(behindSeconds)) behind.set({ consumer }, seconds);
    return reply.header('content-type', register.contentType).send(await register.metrics());
  });
}
