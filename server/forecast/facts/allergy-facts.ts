// Severe reactions to a vaccine or to what is in it. A vaccine is named by our code, by CVX or as records write it; a milder
// reaction is a reason to ask, not to leave out.
import { codedVaccine, namedVaccine } from '../../../profiles/vaccine.ts';
import type { Observation } from '../types.ts';
import type { Statement } from './statement.ts';

/** `anaphylaxis:MR`, `anaphylaxis:egg`, or `reaction-after-dose` for a vaccine that was borne badly. */
export function allergyFacts({ codings, names, isSevere, isAnaphylaxis, date }: Statement): Observation[] {
  const vaccine = codedVaccine(codings) ?? names.map(namedVaccine).find((one) => one !== undefined);
  const day = date !== undefined && date.length === 10 ? { date } : {};
  if (vaccine !== undefined)
    return [{ code: isSevere ? `anaphylaxis:${vaccine.code}` : 'reaction-after-dose', ...day }];
  const isEgg = codings.some(({ code = '' }) => EGG.has(code)) || names.some((name) => /^(鶏?卵|egg)/i.test(name));
  // Egg allergy alone excludes from no vaccine in Japan; anaphylaxis to egg does.
  return isEgg && isAnaphylaxis ? [{ code: 'anaphylaxis:egg', ...day }] : [];
}

/** SNOMED CT, as CDC CDSi 4.64 codes an allergy to egg. */
const EGG = new Set(['213020009', '91930004']);
