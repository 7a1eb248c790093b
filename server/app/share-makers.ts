// What a link leads to, made by the operations that make it for the family itself: the International Patient Summary, and
// vaccinations as SMART Health Cards. Each keeps its own rules and its own audit row.

import { type JsonObject, parseJson } from '../fhir/json.ts';
import { businessRule } from '../fhir/outcome.ts';
import { credentialsIn } from '../health-cards/card-text.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { SharedContent, Sharing } from '../share/content.ts';
import type { ShareOptions } from '../share/share-options.ts';

export const shareMakers = ({ summary, cards }: { summary: Operation; cards: Operation }): ShareOptions['makers'] => ({
  summary: async (fhir, sharing) => document(await answerOf(summary, fhir, sharing)),
  healthCards: async (fhir, sharing) => cardFile(await answerOf(cards, fhir, sharing, credentialType), sharing.patient),
});

const credentialType = [{ name: 'credentialType', valueUri: 'https://smarthealth.cards#immunization' }];

/** The text that the operation answers whoever shares. */
async function answerOf(
  { code, run }: Operation,
  fhir: Fhir,
  { access, patient, language, request }: Sharing,
  parameter?: JsonObject[],
): Promise<string> {
  const call: FhirRequest = {
    ...{ method: 'POST', path: `Patient/${patient}/$${code}`, query: '', headers: {} },
    ...{ access, language, id: request, body: parameter && { resourceType: 'Parameters', parameter } },
  };
  const { body } = await run(fhir, call, { type: 'Patient', id: patient, version: '' });
  return String(body ?? '');
}

const document = (text: string): SharedContent => ({ contentType: 'application/fhir+json', text });

/** https://spec.smarthealth.cards/#via-file-download */
function cardFile(text: string, patient: string): SharedContent {
  const answer = parseJson(text) as JsonObject;
  const cards = credentialsIn(answer) ?? [];
  if (cards.length === 0) throw businessRule('There is no vaccination yet that a health card may hold');
  const hosted = [...text.matchAll(/"valueUri":"[^"]*\/(Immunization\/[A-Za-z0-9\-.]{1,64})"/g)];
  return {
    contentType: 'application/smart-health-card',
    text: JSON.stringify({ verifiableCredential: cards }),
    holds: [`Patient/${patient}`, ...hosted.map(([, reference = '']) => reference)],
  };
}
