// Hook patient-view: which vaccinations are overdue or due, which the clinician must decide, and when the next one comes.

import type { ImmunizationRecommendation, ImmunizationRecommendationRecommendation } from '@medplum/fhirtypes';
import { isObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { card } from './card.ts';
import { PREFETCH, patientIdOf, sentRecord } from './prefetch.ts';
import type { Card, CdsService, HookRequest } from './types.ts';

export const patientViewService: CdsService = {
  id: 'patient-view',
  hook: 'patient-view',
  title: '予防接種の予定 Vaccinations due',
  description:
    'Shows which vaccinations of the Japanese schedule are overdue or due, and which ones a clinician must decide on.',
  prefetch: PREFETCH,
  cards: async (request) => cardsOf(await recommendations(request), request.language),
};

type One = ImmunizationRecommendationRecommendation;

async function recommendations(request: HookRequest): Promise<One[]> {
  const sent = sentRecord(request);
  const answer =
    sent === undefined
      ? await request.call('GET', `Patient/${patientIdOf(request)}/$forecast`)
      : await request.call('POST', '$immds-forecast', {
          resourceType: 'Parameters',
          parameter: [
            { name: 'assessmentDate', valueDate: request.today },
            { name: 'patient', resource: sent.patient },
            ...sent.immunizations.map((resource) => ({ name: 'immunization', resource })),
          ],
        });
  const list = Array.isArray(answer.parameter) ? answer.parameter.filter(isObject) : [];
  const found = list.find(({ name }) => name === 'recommendation')?.resource as ImmunizationRecommendation | undefined;
  return found?.recommendation ?? [];
}

function cardsOf(all: readonly One[], language: Language): Card[] {
  const open = all.filter((one) => hasCode(one, 'notComplete'));
  const overdue = open.filter((one) => hasCode(one, 'overdue'));
  const due = open.filter((one) => hasCode(one, 'due'));
  const doubtful = all.filter((one) => one.extension?.some(({ url, valueBoolean }) => isReview(url) && valueBoolean));
  const words = WORDS[language];
  const cards: Card[] = [];
  const add = (kind: string, indicator: Card['indicator'], list: readonly One[]) => {
    if (list.length > 0)
      cards.push(card(indicator, words[kind as keyof typeof words](list.length), lines(list, language)));
  };
  add('overdue', 'warning', overdue);
  add('due', 'info', due);
  add('ask', 'warning', doubtful);
  if (overdue.length + due.length === 0) add('next', 'info', earliestOf(open));
  return cards;
}

/** The open doses of the next day on which one can be given. */
function earliestOf(open: readonly One[]): One[] {
  const days = open.map((one) => dateOf(one, '30980-7') ?? '9999');
  const first = days.reduce((a, b) => (a < b ? a : b), '9999');
  return open.filter((_, i) => days[i] === first);
}

function lines(list: readonly One[], language: Language): string {
  return list
    .map((one) => {
      const due = dateOf(one, '30980-7');
      const past = dateOf(one, '59778-1');
      const span = due === undefined ? '' : `: ${due}${past === undefined ? '' : ` – ${past}`}`;
      return `- ${doseName(one, language)}${span}`;
    })
    .join('\n');
}

/** `小児用肺炎球菌 初回1回目`, or `Pneumococcal conjugate (child), dose 1`. */
function doseName(one: One, language: Language): string {
  if (language === 'en') {
    const name = one.targetDisease?.coding?.[0]?.display ?? one.series ?? '';
    return one.doseNumberPositiveInt === undefined ? name : `${name}, dose ${one.doseNumberPositiveInt}`;
  }
  const label = one.extension?.find(({ url }) => url.endsWith('/forecast-dose-label'))?.valueString ?? '';
  return `${one.series ?? one.targetDisease?.text ?? ''} ${label}`.trimEnd();
}

const isReview = (url: string): boolean => url.endsWith('/forecast-review');

function hasCode({ forecastStatus }: One, code: string): boolean {
  return forecastStatus.coding?.some((coding) => coding.code === code) === true;
}

/** By the LOINC code of the date criterion. */
function dateOf({ dateCriterion }: One, loinc: string): string | undefined {
  return dateCriterion?.find(({ code }) => code.coding?.some((coding) => coding.code === loinc))?.value;
}

const WORDS = {
  ja: {
    overdue: (count: number) => `標準の時期を過ぎた予防接種が${count}件あります`,
    due: (count: number) => `接種の時期になった予防接種が${count}件あります`,
    ask: (count: number) => `医師の判断がいる予防接種が${count}件あります`,
    next: () => '次に予定される予防接種',
  },
  en: {
    overdue: (count: number) => `${count} vaccinations are overdue`,
    due: (count: number) => `${count} vaccinations are due`,
    ask: (count: number) => `${count} vaccinations need the clinician's decision`,
    next: () => 'Next vaccinations',
  },
};
