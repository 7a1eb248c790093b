// FHIRPath for the `fhirpath` argument and @slice. The engine is loaded when a query first needs it, and works against the
// clock: an expression can be written that never ends.

import { createContext, Script } from 'node:vm';
import { badRequest, tooCostly } from '../fhir/outcome.ts';

type Compiled = (value: unknown, variables?: Record<string, unknown>) => unknown[];

const mostCharacters = 500;
const mostMs = 250;
const mostKnown = 200;
const known = new Map<string, Compiled>();
let engine: Promise<(type: string, path: string) => Compiled> | undefined;

// The clock of node:vm stops whatever runs inside, also what was made outside.
const call = new Script('run()');
const within = createContext({ run: () => undefined as unknown });

/** The values of a FHIRPath on an element. Throws 400 for what is no FHIRPath, 422 for one that takes too long. */
export async function evaluate({ type, value }: { type: string; value: unknown }, path: string): Promise<unknown[]> {
  if (path.length > mostCharacters) throw tooCostly(`A FHIRPath has at most ${mostCharacters} characters here`);
  engine ??= loaded();
  const compile = await engine;
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
  return (type: string, path: string): Compiled => {
    const compiled = fhirpath.compile({ base: type, expression: path }, model);
    return (value, variables) => compiled(value as object, variables) as unknown[];
  };
}
