// FHIRPath for the `fhirpath` argument and @slice. The engine is loaded when a query first needs it, and works against the
// clock: an expression can be written that never ends.

import { createContext, Script } from 'node:vm';
import { badRequest, tooCostly } from '../fhir/outcome.ts';
import type { Budget } from './limits.ts';

type Compiled = (value: unknown, variables?: Record<string, unknown>) => unknown[];

const mostCharacters = 500;
const mostMs = 250;
const mostKnown = 200;
const known = new Map<string, Compiled>();
let engine: Promise<(type: string, path: string) => Compiled> | undefined;

// The clock of node:vm stops whatever runs inside, also what was made outside.
const call = new Script('run()');
const within = createContext({ run: () => undefined as unknown });

/**
 * The values of a FHIRPath on an element. Throws 400 for what is no FHIRPath, 422 for one that takes too long, or that takes
 * the query beyond what all its paths may take.
 */
export async function evaluate(
  node: { type: string; value: unknown },
  path: string,
  budget: Pick<Budget, 'paths'>,
): Promise<unknown[]> {
  if (path.length > mostCharacters) throw tooCostly(`A FHIRPath has at most ${mostCharacters} characters here`);
  engine ??= loaded();
  const compile = await engine;
  // Fields are worked on together: when one of them is stopped, the others are still to come.
  budget.paths(0);
  const beganAtMs = performance.now();
  const found = evaluated(compile, node, path);
  budget.paths(performance.now() - beganAtMs);
  return found;
}

function evaluated(
  compile: (type: string, path: string) => Compiled,
  { type, value }: { type: string; value: unknown },
  path: string,
): unknown[] {
  try {
    // Numbers that keep their text are objects to the engine.
    const plain = JSON.parse(JSON.stringify(value));
    within.run = () => compiledPath(compile, type, path)(plain);
    return call.runInContext(within, { timeout: mostMs });
  } catch (error) {
    // It is an Error of the other context, so no instance of ours.
    if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw tooCostly('The FHIRPath takes too long');
    throw badRequest('The FHIRPath cannot be evaluated', 'invalid', ['fhirpath']);
  } finally {
    within.run = () => undefined;
  }
}

function compiledPath(compile: (type: string, path: string) => Compiled, type: string, path: string): Compiled {
  const key = `${type}\n${path}`;
  const found = known.get(key);
  if (found) return found;
  if (known.size >= mostKnown) known.clear();
  const made = compile(type, path);
  known.set(key, made);
  return made;
}

async function loaded() {
  const [{ default: fhirpath }, { default: model }] = await Promise.all([
    import('fhirpath'),
    import('fhirpath/fhir-context/r4'),
  ]);
  // The first path makes the parser build its tables, which is not to count as that path's time.
  fhirpath.compile({ base: 'Patient', expression: 'name.where(true).exists()' }, model)({});
  return (type: string, path: string): Compiled => {
    refuseInherited(fhirpath.parse(path) as Syntax);
    // Without a function of ours trace() would write the record to the log.
    const compiled = fhirpath.compile({ base: type, expression: path }, model, { traceFn: () => undefined });
    return (value, variables) => compiled(value as object, variables) as unknown[];
  };
}

type Syntax = { type?: string; text?: string; delimitedText?: string; children?: Syntax[] };

/**
 * fhirpath.js looks names up in objects without asking whose they are, and notes on what it finds where that was found. By
 * `__proto__` this would be Object.prototype, and one caller's record would stand behind everybody's paths from then on.
 */
function refuseInherited({ type, text, delimitedText, children = [] }: Syntax): void {
  const name = (delimitedText ?? text ?? '').replace(/^[`']|[`']$/g, '');
  const isName = type === 'Identifier' || type === 'ExternalConstantTerm';
  if (isName && (name in Object.prototype || name.includes('\\'))) throw new Error('no name of an element');
  // The name of a function, such as toString(), is looked up in a table.
  for (const child of type === 'Functn' ? children.slice(1) : children) refuseInherited(child);
}
