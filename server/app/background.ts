// Work in the background in this process: the rows, what each kind does, and how a failure is told.

import { accessFrom } from '../access/kept-access.ts';
import { type Language, OperationOutcomeError, operationOutcome, unavailable } from '../fhir/outcome.ts';
import { type Background, fileUrl } from '../interaction/background.ts';
import type { Fhir } from '../interaction/request.ts';
import { startWorks } from '../jobs/works.ts';

/** Works until stopped. `onError` hears of what is tried again. */
export function startBackground({
  fhir,
  kinds,
  dir,
  onError,
}: {
  fhir: Fhir;
  kinds: readonly Background[];
  dir: string;
  onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  const byKind = new Map(kinds.map((one) => [one.kind, one]));
  return startWorks({
    ...{ works: fhir.works, dir, onError },
    kinds: [...byKind.keys()],
    run: (work, tools) => {
      const { client, access, language, request } = work.asked;
      const background = byKind.get(work.kind);
      if (!background) throw new Error(`nothing here does the work ${work.kind}`);
      return background.run({
        ...{ fhir, id: work.id, client, language: language as Language, request, state: work.state ?? undefined },
        access: accessFrom(access, fhir.nowMs),
        fileUrl: (name) => fileUrl(fhir.base, work.id, name),
        ...tools,
      });
    },
    refusalOf: (error, isLast, { asked }) => {
      if (!(error instanceof OperationOutcomeError)) onError(error);
      if (!isLast && !(error instanceof OperationOutcomeError)) return undefined;
      const { status, issues } = error instanceof OperationOutcomeError ? error : unavailable();
      return { status, outcome: JSON.parse(JSON.stringify(operationOutcome(issues, asked.language as Language))) };
    },
  });
}
