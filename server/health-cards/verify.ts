// $health-card-verify: what is wrong with a card that somebody shows, by the keys of this deployment. A reception calls it with what its
// scanner has read; nothing is fetched, and nothing of the card is kept.

import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { auditOf } from '../interaction/audited.ts';
import { type Parameter, readParameters, refuseQuery, required } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import type { HealthCardStore } from '../store/health-cards.ts';
import { validateInForce } from '../validation/in-force.ts';
import { errorsOf, judged } from '../validation/strictness.ts';
import { type CardFault, UnreadableCard } from './card-fault.ts';
import { cardsInText, type FoundCard } from './card-text.ts';
import { type CardKeys, crlOf } from './keys.ts';
import { readCard } from './read-card.ts';
import { issuerOf } from './routes.ts';
import type { TrustedIssuer } from './trust.ts';

export function verifyCards({ store, keys }: { store: HealthCardStore; keys: CardKeys }): Operation {
  return {
    code: 'health-card-verify',
    definition: `${CANONICAL}/OperationDefinition/health-card-verify`,
    level: 'system',
    methods: ['POST'],
    run: async (fhir, request) => {
      refuseQuery(request, '$health-card-verify');
      const texts = (readParameters(request.body, ['card']).get('card') ?? []).map(({ valueString }) => valueString);
      if (texts.length === 0 || texts.length > mostTexts || !texts.every((one) => typeof one === 'string'))
        throw required('card', `valueString, 1 to ${mostTexts}: the JWS, or what a scanner has read (shc:/…)`);
      await fhir.audit([auditOf(fhir, request, 'health-card-verify', undefined)]);
      const trusted = [await ownIssuer(fhir, store, keys)];
      const parameter = verdicts(texts.join('\n'), trusted, Math.floor(fhir.nowMs() / 1000));
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

/** The chunks of one card, at most. */
const mostTexts = 20;

async function ownIssuer({ base, nowMs }: Fhir, store: HealthCardStore, keys: CardKeys): Promise<TrustedIssuer> {
  const published = await keys.published(nowMs());
  const crls = await Promise.all(published.map(({ kid }) => crlOf(store, kid)));
  return { iss: issuerOf(base), keys: published, crls };
}

function verdicts(text: string, trusted: readonly TrustedIssuer[], atSeconds: number): Parameter[] {
  let cards: FoundCard[];
  try {
    cards = cardsInText(text);
  } catch (error) {
    if (error instanceof UnreadableCard) return [verdict(undefined, [error.fault], [])];
    throw error;
  }
  return cards.map(({ jws, isFromQr, faults, warnings }) => {
    const read = readCard(jws, { trusted, atSeconds, validate: fhirFaults });
    const all = [...faults, ...read.faults, ...(isFromQr ? read.qrFaults : [])];
    return verdict(read.payload, all, [...warnings, ...read.warnings]);
  });
}

/** What FHIR says against a resource on a card; of a code that is not known here a reader need not know either. */
export const fhirFaults = (resource: JsonObject): string[] =>
  errorsOf(judged(validateInForce(resource), 'base')).map(({ diagnostics }) => diagnostics);

function verdict(
  payload: JsonObject | undefined,
  faults: readonly CardFault[],
  warnings: readonly CardFault[],
): Parameter {
  const isValid = faults.length === 0;
  const { iss, vc } = (payload ?? {}) as { iss?: unknown; vc?: { credentialSubject?: { fhirBundle?: unknown } } };
  const told = (name: string, list: readonly CardFault[]) =>
    list.map(({ code, why }) => ({
      name,
      part: [
        { name: 'code', valueCode: code },
        { name: 'text', valueString: why },
      ],
    }));
  return {
    name: 'card',
    part: [
      { name: 'valid', valueBoolean: isValid },
      ...(isValid ? [{ name: 'issuer', valueUri: String(iss) }] : []),
      ...told('fault', faults),
      ...told('warning', warnings),
      ...(isValid ? [{ name: 'content', resource: vc?.credentialSubject?.fhirBundle }] : []),
    ],
  };
}
