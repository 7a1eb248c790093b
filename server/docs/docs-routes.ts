// /docs: what the server does, from the same statement that /fhir/metadata answers, so that it cannot say anything else.

import type { CapabilityStatement } from '@medplum/fhirtypes';
import type { FastifyInstance } from 'fastify';
import { formats } from '../../mappings/formats.ts';
import { type GuideEntry, guide } from '../definitions/guide.ts';
import { shippedDefinitions } from '../definitions/shipped.ts';
import { madeOnce } from '../fhir/made-once.ts';
import type { Operation } from '../interaction/request.ts';
import { conformancePage } from './conformance-page.ts';
import { definitionPage } from './definition-page.ts';
import { examplePage, guidePage } from './guide-page.ts';
import { mappingPage, mappingsPage } from './mapping-page.ts';
import { openApi } from './openapi.ts';
import { overviewPage, typePage } from './page.ts';
import { createPlanPage } from './plan-page.ts';
import { structurePage } from './structure-page.ts';

/** The statement is asked for each time: search parameters come and go. */
export type Documented = {
  capabilities: () => CapabilityStatement;
  operations: readonly Operation[];
  nowMs: () => number;
};

/** Open, like /fhir/metadata. */
export function docsRoutes(app: FastifyInstance, { capabilities, operations, nowMs }: Documented): void {
  const planPage = createPlanPage(nowMs);
  const { definitions, examples } = guide();
  let document: { of: CapabilityStatement; text: string } | undefined;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
  });
  app.get('/docs', async (_request, reply) => html(reply).send(overviewPage(capabilities(), operations)));
  app.get('/docs/openapi.json', async (_request, reply) => {
    // Half a megabyte that few ask for.
    const of = capabilities();
    if (document?.of !== of) document = { of, text: JSON.stringify(openApi(of, operations)) };
    return reply.header('content-type', 'application/json; charset=utf-8').send(document.text);
  });
  app.get('/docs/conformance', async (_request, reply) => {
    const found = conformancePage();
    return found === undefined
      ? reply.status(404).send({ error: 'no results are written down' })
      : html(reply).send(found);
  });
  app.get('/docs/mappings', async (_request, reply) => html(reply).send(mappingsPage(formats)));
  app.get<{ Params: { format: string } }>('/docs/mappings/:format', async ({ params }, reply) => {
    const found = formats.find(({ id }) => id === params.format);
    return found === undefined
      ? reply.status(404).send({ error: 'no such format' })
      : html(reply).send(mappingPage(found));
  });
  app.get('/docs/plan', async (_request, reply) => html(reply).send(planPage()));
  app.get<{ Params: { type: string } }>('/docs/:type', async ({ params }, reply) => {
    const page = typePage(capabilities(), operations, params.type);
    return page === undefined ? reply.status(404).send({ error: 'no such resource type' }) : html(reply).send(page);
  });
  app.get('/docs/guide', async (_request, reply) => html(reply).send(guidePage(guide())));
  // A definition of ours under the path of its canonical URL: /docs/OperationDefinition/forecast, as JSON with .json behind it.
  app.get<{ Params: { type: string; file: string } }>('/docs/:type/:file', async ({ params }, reply) => {
    const [, id, json] = /^([A-Za-z0-9.-]+?)(\.json)?$/.exec(params.file) ?? [];
    const isExample = params.type === 'example';
    const found = isExample
      ? examples.find((one) => one.id === id)
      : definitions.find((one) => one.type === params.type && one.id === id);
    if (found === undefined) return reply.status(404).send({ error: 'no such definition' });
    if (json === undefined) return html(reply).send(pageOf(found));
    return reply.header('content-type', 'application/fhir+json; charset=utf-8').send(found.text);
  });
}

/** What is published does not change while the server runs. */
const pageOf = madeOnce((entry: GuideEntry): string => {
  const { definitions, examples } = guide();
  if (!definitions.includes(entry)) return examplePage(entry);
  return entry.type === 'StructureDefinition'
    ? structurePage(entry, shippedDefinitions(), examples)
    : definitionPage(entry, shippedDefinitions());
});

const html = (reply: { header(name: string, value: string): typeof reply & { send(body: string): unknown } }) =>
  reply.header('content-type', 'text/html; charset=utf-8');
