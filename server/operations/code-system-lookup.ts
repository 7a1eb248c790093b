// CodeSystem/$lookup and CodeSystem/$subsumes: what a code means, and what two codes are to each other.
// FHIR R4, https://hl7.org/fhir/R4/codesystem-operation-lookup.html, https://hl7.org/fhir/R4/codesystem-operation-subsumes.html

import { badRequest, cannotExpand, notFound } from '../fhir/outcome.ts';
import type { Answer, Fhir, FhirRequest, Operation, PathNames } from '../interaction/request.ts';
import type { CodeIndex } from '../terminology/code-index.ts';
import { lookedUp, type Subsumption, subsumption } from '../terminology/lookup.ts';
import { systemRule } from '../terminology/systems-by-rule.ts';
import { askedCodes } from './asked-code.ts';
import { askedCodeSystem } from './asked-code-system.ts';
import { type AskedParameters, askedParameters, type Kind } from './asked-parameters.ts';
import { isInstance } from './terminology-sources.ts';

const lookupKinds: Record<string, Kind> = {
  code: 'text',
  system: 'text',
  version: 'text',
  coding: 'Coding',
  displayLanguage: 'text',
  property: 'text',
  'tx-resource': 'resource',
};
const subsumesKinds: Record<string, Kind> = {
  codeA: 'text',
  codeB: 'text',
  system: 'text',
  version: 'text',
  codingA: 'Coding',
  codingB: 'Coding',
  'tx-resource': 'resource',
};

const shared = { type: 'CodeSystem', methods: ['GET', 'POST'] } as const;
const subsumesOperation = {
  ...shared,
  code: 'subsumes',
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes',
  run: subsumes,
} as const;

export const lookupOperations: readonly Operation[] = [
  {
    ...shared,
    code: 'lookup',
    definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup',
    level: 'type',
    documentation:
      'The display is in displayLanguage, or else in the language of Accept-Language, where the code has one.',
    run: lookup,
  },
  { ...subsumesOperation, level: 'type' },
  { ...subsumesOperation, level: 'instance' },
];

async function lookup(fhir: Fhir, request: FhirRequest, names: PathNames): Promise<Answer> {
  const asked = askedParameters(request, lookupKinds);
  const apart = { system: asked.text('system'), version: asked.text('version'), display: undefined };
  const [coded] = askedCodes(asked, apart);
  if (coded?.system === undefined) throw badRequest('A code needs its system', 'required', ['system']);
  const { system, index } = await askedCodeSystem(fhir, request, 'lookup', names, asked, [coded]);
  const placed = index?.find(coded.code);
  const language = asked.text('displayLanguage') ?? request.language;
  if (index && placed) {
    const parameter = lookedUp(index, placed, { properties: asked.texts('property'), language });
    return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
  }
  const rule = systemRule(system);
  if (rule?.test(coded.code)) {
    const parameter = [
      { name: 'name', valueString: rule.name },
      { name: 'display', valueString: rule.display?.(coded.code, language) ?? coded.code },
    ];
    return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
  }
  throw unknownCode(index, system, coded.code);
}

async function subsumes(fhir: Fhir, request: FhirRequest, names: PathNames): Promise<Answer> {
  const asked = askedParameters(request, subsumesKinds);
  const [first, second] = [side(asked, 'A'), side(asked, 'B')];
  const named = [asked.text('system'), first.system, second.system].filter((one) => one !== undefined);
  if (new Set(named).size > 1) throw badRequest('Both codes are of one code system', 'value', ['system']);
  if (named.length === 0 && !isInstance(names)) throw badRequest('The codes need their system', 'required', ['system']);
  const version = asked.text('version') ?? first.version;
  const by = isInstance(names) ? {} : { url: named[0], version };
  const { system, index, tables } = await askedCodeSystem(fhir, request, 'subsumes', names, asked, [], by);
  if (named.length > 0 && named[0] !== system) throw badRequest(`The codes are not of ${system}`, 'value', ['system']);
  const outcome = tables
    ? await tables.subsumes({ system, ...(version === undefined ? {} : { version }) }, first.code, second.code)
    : inMemory(index, system, first.code, second.code);
  if (outcome === undefined) throw notFound(`one of the codes "${first.code}" and "${second.code}" of ${system}`);
  const parameter = [{ name: 'outcome', valueCode: outcome }];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

type Side = { code: string; system?: string; version?: string };

function side(asked: AskedParameters, letter: 'A' | 'B'): Side {
  const code = asked.text(`code${letter}`);
  const coding = asked.object(`coding${letter}`);
  const found = code ?? coding?.code;
  if ((code === undefined) === (coding === undefined) || typeof found !== 'string')
    throw badRequest(`Give code${letter}, or coding${letter} with a code`, 'required', [`code${letter}`]);
  return {
    code: found,
    ...(typeof coding?.system === 'string' ? { system: coding.system } : {}),
    ...(typeof coding?.version === 'string' ? { version: coding.version } : {}),
  };
}

/** Throws where nothing is known of one of the concepts, or where their hierarchy is not all here. */
function inMemory(index: CodeIndex | undefined, system: string, first: string, second: string): Subsumption {
  const [one, other] = [first, second].map((code) => index?.find(code));
  if (!index || !one || !other) throw unknownCode(index, system, one ? second : first);
  return subsumption(index, one.code, other.code);
}

/** 404 where the code, or its whole system, is not here; 422 where the system is here in part. */
function unknownCode(index: CodeIndex | undefined, system: string, code: string): Error {
  if (index?.content === 'complete') return notFound(`the code "${code}" of ${system}`);
  if (systemRule(system)?.test(code) === false) return notFound(`the code "${code}" of ${system}`);
  if (index === undefined) return notFound(`the CodeSystem ${system}`);
  return cannotExpand(`the CodeSystem ${system} is here with content "${index.content}", not "complete"`);
}
