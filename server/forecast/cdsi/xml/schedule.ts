// CDC's ScheduleSupportingData XML (supporting data 4.64, ScheduleSupportingData.xsd) as `schedule.json`: the same content,
// field by field, under the names of source.ts. Its version stands in no file; whoever converts it says which it is.
import { all, type Element, row, textAt } from './element.ts';
import { yesNoAt } from './values.ts';

/** The written form of the schedule's XML. `released` is `YYYY-MM-DD`. */
export function convertSchedule(root: Element, version: string, released: string | undefined): Record<string, unknown> {
  const rows = (list: string, name: string) => all(root, list).flatMap((one) => all(one, name));
  return row({
    version,
    released,
    vaccineConflicts: rows('liveVirusConflicts', 'liveVirusConflict').map((one) =>
      row({
        conflictingCvx: textAt(one, 'previous', 'cvx'),
        conflictingType: textAt(one, 'previous', 'vaccineType'),
        impactedCvx: textAt(one, 'current', 'cvx'),
        impactedType: textAt(one, 'current', 'vaccineType'),
        conflictBeginInterval: textAt(one, 'conflictBeginInterval'),
        minConflictEndInterval: textAt(one, 'minConflictEndInterval'),
        conflictEndInterval: textAt(one, 'conflictEndInterval'),
      }),
    ),
    vaccineGroups: rows('vaccineGroups', 'vaccineGroup').map((one) =>
      row({ name: textAt(one, 'name'), administerFullVaccineGroup: yesNoAt(one, 'administerFullVaccineGroup') }),
    ),
    vaccineGroupToAntigens: rows('vaccineGroupToAntigenMap', 'vaccineGroupMap').map((one) =>
      row({ name: textAt(one, 'name'), antigens: all(one, 'antigen').map((antigen) => textAt(antigen)) }),
    ),
    cvxToAntigens: rows('cvxToAntigenMap', 'cvxMap').map((one) =>
      row({
        cvx: textAt(one, 'cvx'),
        description: textAt(one, 'shortDescription'),
        associations: all(one, 'association').map((association) =>
          row({
            antigen: textAt(association, 'antigen'),
            beginAge: textAt(association, 'associationBeginAge'),
            endAge: textAt(association, 'associationEndAge'),
          }),
        ),
      }),
    ),
    observations: rows('observations', 'observation').map((one) =>
      row({
        code: textAt(one, 'observationCode'),
        title: textAt(one, 'observationTitle'),
        indicationText: textAt(one, 'indicationText'),
        contraindicationText: textAt(one, 'contraindicationText'),
        clarifyingText: textAt(one, 'clarifyingText'),
        codedValues: all(one, 'codedValues').flatMap((values) =>
          all(values, 'codedValue').map((value) =>
            row({ system: textAt(value, 'codeSystem'), code: textAt(value, 'code'), text: textAt(value, 'text') }),
          ),
        ),
      }),
    ),
  });
}
