// ValueSet/$validate-code and CodeSystem/$validate-code: whether a code is in a value set, or one of a code system.
// FHIR R4, https://hl7.org/fhir/R4/valueset-operation-validate-code.html,
// https://hl7.org/fhir/R4/codesystem-operation-validate-code.html

import { badRequest, cannotExpand } from '../fhir/outcome.ts';
import type { Answer, Fhir, FhirRequest, Operation, PathNames } from '../interaction/request.ts';
import { isAbstract } from '../terminology/code-index.ts';
import type { CompiledTerminology } from '../terminology/create-terminology.ts';
import { isMember, isUntold } from '../terminology/members.ts';
import type { CodeCheck, Coded } from '../terminology/terminology.ts';
import { displayIn } from '../terminology/words.ts';
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
  const members = terminology.members(valueSet);
  const url = typeof valueSet.url === 'string' ? valueSet.url : 'that was sent';
  const checks = codes.map((coded): CodeCheck => {
    const found = members.find(coded.system, coded.code);
    if (isUntold(found)) return { result: undefined, message: found.why };
    if (!isMember(found)) return { result: false, message: `${written(coded)} is not in the value set ${url}` };
    const display = displayIn(found, language);
    const right = display === undefined ? {} : { display };
    if (found.isAbstract && !mayBeAbstract)
      return {
        result: false,
        message: abstractCode(coded),
        ...right,
      };
    const system = coded.system ?? found.system;
    return { ...displayCheck(terminology, { ...coded, system }, found.source?.display), ...right };
  });
  return answerOf(checks);
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

/** The words of the code system, and those that the value set has for the code. */
function displayCheck(
  terminology: CompiledTerminology,
  coded: Coded & { system: string },
  ofValueSet: unknown,
): CodeCheck {
  if (coded.display === undefined || coded.display === ofValueSet) return { result: true };
  const check = terminology.inCodeSystem(coded);
  return check.cause === 'wrong-display' ? check : { result: true };
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
