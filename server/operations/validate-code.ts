// ValueSet/$validate-code and CodeSystem/$validate-code: whether a code is in a value set, or one of a code system.
// FHIR R4, https://hl7.org/fhir/R4/valueset-operation-validate-code.html,
// https://hl7.org/fhir/R4/codesystem-operation-validate-code.html

import { badRequest, cannotExpand } from '../fhir/outcome.ts';
import type { Answer, Fhir, FhirRequest, Operation, PathNames } from '../interaction/request.ts';
import { isAbstract } from '../terminology/code-index.ts';
import { terminologyInForce } from '../terminology/in-force.ts';
import { isMember, isUntold, type Member } from '../terminology/member.ts';
import type { CodeCheck, Coded } from '../terminology/terminology.ts';
import { memberIn } from '../terminology/with-large.ts';
import { displayIn, isDisplayOf } from '../terminology/words.ts';
import { askedCodes, codeKinds } from './asked-code.ts';
import { askedCodeSystem, codeSystemKinds } from './asked-code-system.ts';
import { askedParameters, type Kind } from './asked-parameters.ts';
import { askedValueSet, valueSetKinds } from './asked-value-set.ts';

const sharedKinds: Record<string, Kind> = {
  ...codeKinds,
  display: 'text',
  abstract: 'boolean',
  displayLanguage: 'text',
};
const inValueSetKinds: Record<string, Kind> = {
  ...valueSetKinds,
  ...sharedKinds,
  system: 'text',
  systemVersion: 'text',
};
const inCodeSystemKinds: Record<string, Kind> = { ...codeSystemKinds, ...sharedKinds, version: 'text' };

const methods = ['GET', 'POST'] as const;
const code = 'validate-code';
const documentation =
  'Of a codeableConcept one coding must be right. A display that is none of the words of its code makes the answer false. What cannot be told from what is here is refused with 422.';
const ofValueSet = { code, type: 'ValueSet', methods, documentation, run: inValueSet } as const;
const ofCodeSystem = { code, type: 'CodeSystem', methods, documentation, run: inCodeSystem } as const;
const definitionOf = (type: string) => `http://hl7.org/fhir/OperationDefinition/${type}-validate-code`;

export const validateCodeOperations: readonly Operation[] = [
  { ...ofValueSet, definition: definitionOf('ValueSet'), level: 'type' },
  { ...ofValueSet, definition: definitionOf('ValueSet'), level: 'instance' },
  { ...ofCodeSystem, definition: definitionOf('CodeSystem'), level: 'type' },
  { ...ofCodeSystem, definition: definitionOf('CodeSystem'), level: 'instance' },
];

async function inValueSet(fhir: Fhir, request: FhirRequest, names: PathNames): Promise<Answer> {
  const asked = askedParameters(request, inValueSetKinds);
  const apart = { system: asked.text('system'), version: asked.text('systemVersion'), display: asked.text('display') };
  const codes = askedCodes(asked, apart);
  if (asked.text('code') !== undefined && apart.system === undefined)
    throw badRequest('A code needs its system', 'required', ['system']);
  const { valueSet, terminology } = await askedValueSet(fhir, request, 'validate-code', names, asked);
  const language = asked.text('displayLanguage') ?? request.language;
  const mayBeAbstract = asked.flag('abstract') ?? false;
  const { large } = terminologyInForce();
  const url = typeof valueSet.url === 'string' ? valueSet.url : 'that was sent';
  const checks: CodeCheck[] = [];
  for (const coded of codes) {
    const found = await memberIn({ terminology, large }, valueSet, coded);
    if (isUntold(found)) checks.push({ result: undefined, message: found.why });
    else if (!isMember(found))
      checks.push({ result: false, message: `${written(coded)} is not in the value set ${url}` });
    else checks.push({ ...checkOf(found, coded, mayBeAbstract), ...shown(displayIn(found, language)) });
  }
  return answerOf(checks);
}

const shown = (display: string | undefined) => (display === undefined ? {} : { display });

function checkOf(
  { isAbstract: abstract, placed, source, ...found }: Member,
  coded: Coded,
  mayBeAbstract: boolean,
): CodeCheck {
  if (abstract && !mayBeAbstract) return { result: false, message: abstractCode(coded) };
  const { display } = coded;
  if (display === undefined || placed === undefined || display === source?.display || isDisplayOf(placed, display))
    return { result: true };
  return { result: false, message: `The display is none of the words that ${found.system} has for "${found.code}"` };
}

async function inCodeSystem(fhir: Fhir, request: FhirRequest, names: PathNames): Promise<Answer> {
  const asked = askedParameters(request, inCodeSystemKinds);
  const version = asked.text('version');
  const codes = askedCodes(asked, { system: undefined, version, display: asked.text('display') });
  const { system, index, terminology } = await askedCodeSystem(fhir, request, 'validate-code', names, asked, codes);
  const language = asked.text('displayLanguage') ?? request.language;
  const mayBeAbstract = asked.flag('abstract') ?? true;
  const checks = codes.map((coded): CodeCheck => {
    const of = coded.system ?? system;
    if (of !== system) return { result: false, message: `${written(coded)} is of another code system than ${system}` };
    const check = terminology.inCodeSystem({ ...coded, system });
    const placed = index?.find(coded.code);
    if (!placed) return check;
    if (!mayBeAbstract && isAbstract(placed)) return { result: false, message: abstractCode(coded) };
    const { display } = placed.source;
    const right = displayIn({ ...(typeof display === 'string' ? { display } : {}), placed }, language);
    return right === undefined ? check : { ...check, display: right };
  });
  return answerOf(checks);
}

const written = ({ system, code: of }: Coded): string =>
  `The code "${of}"${system === undefined ? '' : ` of ${system}`}`;

const abstractCode = (coded: Coded): string =>
  `${written(coded)} is abstract: it groups others and is not to be used itself`;

/** Right when one is right; what cannot be told is refused when none is. */
function answerOf(checks: readonly CodeCheck[]): Answer {
  const best =
    checks.find(({ result }) => result === true) ?? checks.find(({ result }) => result === undefined) ?? checks[0];
  if (best?.result === undefined) throw cannotExpand(best?.message ?? 'nothing is known of the code');
  const parameter = [
    { name: 'result', valueBoolean: best.result },
    ...(best.result
      ? []
      : [
          {
            name: 'message',
            valueString: checks
              .map(({ message }) => message)
              .filter(Boolean)
              .join('; '),
          },
        ]),
    ...(best.display === undefined ? [] : [{ name: 'display', valueString: best.display }]),
  ];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}
