// Patient/[id]/$health-cards: for the family, which cards were issued and whether they still hold, and which doses stand on none and why.

import { CANONICAL } from '../fhir/canonical.ts';
import { forbidden } from '../fhir/outcome.ts';
import type { Parameter } from '../interaction/parameters.ts';
import { refuseQuery } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import type { Standings } from '../interaction/standing.ts';
import type { HealthCardStore, StoredCard } from '../store/health-cards.ts';
import { cardDoses, type LeftOut, type LeftOutReason } from './doses.ts';
import { cardRecord } from './issue.ts';
import { topicNamed } from './topics.ts';

export function listCards({ store, standingOf }: { store: HealthCardStore } & Standings): Operation {
  return {
    code: 'health-cards',
    definition: `${CANONICAL}/OperationDefinition/health-cards`,
    level: 'instance',
    type: 'Patient',
    methods: ['GET'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, '$health-cards');
      const { immunizations } = await cardRecord(fhir, request, id, 'health-cards');
      const standing = await standingOf(request.access, id);
      if (standing === 'other' || standing === 'municipality')
        throw forbidden('Which cards were issued is for the family to see');
      const decisions = immunizations.length < 2 ? [] : await fhir.decisionsOf(id);
      const { leftOut } = cardDoses(immunizations, decisions);
      const { language } = request;
      const parameter = [
        ...(await store.ofPatient(id)).map((card) => cardParameter(card, language)),
        ...leftOut.map((one) => leftOutParameter(one, language)),
      ];
      return {
        status: 200,
        body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
      };
    },
  };
}

function cardParameter({ rid, kid, topic, doses, issued, revoked }: StoredCard, language: 'ja' | 'en'): Parameter {
  return {
    name: 'card',
    part: [
      { name: 'rid', valueString: rid },
      { name: 'kid', valueString: kid },
      { name: 'topic', valueString: topicNamed(topic)[language] },
      { name: 'doses', valueInteger: doses },
      { name: 'issued', valueInstant: issued },
      ...(revoked === undefined ? [] : [{ name: 'revoked', valueInstant: revoked }]),
    ],
  };
}

const reasons: Record<LeftOutReason, Record<'ja' | 'en', string>> = {
  'not-given': { ja: '接種していません', en: 'it was not given' },
  'self-reported': {
    ja: '医療機関や市区町村の記録ではありません',
    en: 'no organization recorded it',
  },
  'no-code': { ja: 'ワクチンのコードが分かりません', en: 'its vaccine has no code' },
  'no-date': { ja: '接種日が分かりません', en: 'its date is not known' },
};

const leftOutParameter = ({ dose, reason }: LeftOut, language: 'ja' | 'en'): Parameter => ({
  name: 'leftOut',
  part: [
    { name: 'record', valueReference: { reference: `Immunization/${dose.id}` } },
    { name: 'reason', valueCode: reason },
    { name: 'text', valueString: reasons[reason][language] },
  ],
});
