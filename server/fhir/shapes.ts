// The form in which the validator uses a type definition: what each JSON member of an object may be. Made once per type,
// when the first object of that type is checked.

import { choiceKey, type ElementDefinition, elementsOf, typeDefinition } from './definitions.ts';
import { type PrimitiveCheck, primitiveCheck } from './primitives.ts';

export type Member = {
  /** Element name for paths: `value` for valueQuantity and _valueQuantity alike. */
  name: string;
  /** What a value has to be: a FHIR type, `Resource` for any resource. */
  type: string;
  isArray: boolean;
  targets: readonly string[];
  codes: ReadonlySet<string> | undefined;
  /** Of a primitive's value. */
  check: PrimitiveCheck | undefined;
  /** True of `_birthDate`, which holds id and extension of a primitive. */
  isSibling: boolean;
  /** Key of the primitive's other half: `_birthDate` for birthDate, birthDate for `_birthDate`. */
  sibling: string | undefined;
  /** Which of the shape's choices this is a type of, -1 for none; and the key without underscore. */
  choice: number;
  key: string;
};

export type Shape = {
  type: string;
  isResource: boolean;
  members: ReadonlyMap<string, Member>;
  required: readonly { name: string; keys: readonly string[] }[];
};

/** The shape of a resource, complex or backbone type that R4 has. */
export function shapeOf(type: string): Shape {
  const known = shapes.get(type);
  if (known) return known;
  const elements = [...elementsOf(type).values()];
  const choices = elements.filter((element) => element.isChoice);
  const members = elements.flatMap((element) => membersOf(element, choices.indexOf(element)));
  const shape: Shape = {
    type,
    isResource: typeDefinition(type)?.kind === 'resource',
    members: new Map(members),
    required: elements.filter(({ min }) => min > 0).map(({ name }) => ({ name, keys: keysOf(members, name) })),
  };
  shapes.set(type, shape);
  return shape;
}

const shapes = new Map<string, Shape>();

function membersOf(element: ElementDefinition, choice: number): [string, Member][] {
  return element.types.flatMap((type): [string, Member][] => {
    const key = element.isChoice ? choiceKey(element.name, type) : element.name;
    const isPrimitive = typeDefinition(type)?.kind === 'primitive-type';
    const value: Member = {
      name: element.name,
      type,
      isArray: element.max > 1,
      targets: element.targets,
      codes: element.codes,
      check: isPrimitive ? primitiveCheck(type) : undefined,
      isSibling: false,
      sibling: isPrimitive ? `_${key}` : undefined,
      choice,
      key,
    };
    if (!isPrimitive) return [[key, value]];
    const sibling = { ...value, type: 'Element', check: undefined, codes: undefined, isSibling: true, sibling: key };
    return [
      [key, value],
      [`_${key}`, sibling],
    ];
  });
}

function keysOf(members: [string, Member][], name: string): string[] {
  return members.filter(([, member]) => member.name === name).map(([key]) => key);
}
