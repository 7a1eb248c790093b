// CDC's AntigenSupportingData XML (supporting data 4.64, AntigenSupportingData.xsd) as a file of `antigens/`: the same
// content, field by field, under the names of source.ts.
import { convertDose } from './dose.ts';
import { all, type Element, row, textAt } from './element.ts';
import { dateAt, listAt, numberAt, yesNoAt } from './values.ts';

/** The written form of an antigen's XML. `antigen` is what the file is called after. */
export function convertAntigen(root: Element, antigen: string): Record<string, unknown> {
  return row({
    antigen,
    immunity: filled(all(root, 'immunity').map(convertImmunity)[0]),
    contraindications: all(root, 'contraindications').map(convertContraindications)[0] ?? {},
    series: all(root, 'series').map(convertSeries),
  });
}

function filled(members: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  return members !== undefined && Object.keys(members).length > 0 ? members : undefined;
}

function convertImmunity(immunity: Element): Record<string, unknown> {
  return row({
    clinicalHistory: all(immunity, 'clinicalHistory').map((one) =>
      row({ observationCode: textAt(one, 'guidelineCode'), title: textAt(one, 'guidelineTitle') }),
    ),
    birthDate: all(immunity, 'dateOfBirth').map((one) =>
      row({
        bornBefore: dateAt(one, 'immunityBirthDate'),
        birthCountry: textAt(one, 'birthCountry'),
        exclusions: all(one, 'exclusion').map((exclusion) =>
          row({ observationCode: textAt(exclusion, 'exclusionCode'), title: textAt(exclusion, 'exclusionTitle') }),
        ),
      }),
    ),
  });
}

function convertContraindications(contraindications: Element): Record<string, unknown> {
  const rows = (name: string) => all(contraindications, name).flatMap((one) => all(one, 'contraindication'));
  return row({
    antigen: rows('vaccineGroup').map(convertContraindication),
    vaccine: rows('vaccine').map(convertContraindication),
  });
}

function convertContraindication(one: Element): Record<string, unknown> {
  return row({
    observationCode: textAt(one, 'observationCode'),
    observationTitle: textAt(one, 'observationTitle'),
    text: textAt(one, 'contraindicationText'),
    guidance: textAt(one, 'contraindicationGuidance'),
    beginAge: textAt(one, 'beginAge'),
    endAge: textAt(one, 'endAge'),
    contraindicatedVaccines: all(one, 'contraindicatedVaccine').map((vaccine) =>
      row({
        vaccineType: textAt(vaccine, 'vaccineType'),
        cvx: textAt(vaccine, 'cvx'),
        beginAge: textAt(vaccine, 'beginAge'),
        endAge: textAt(vaccine, 'endAge'),
      }),
    ),
  });
}

function convertSeries(series: Element): Record<string, unknown> {
  return row({
    seriesName: textAt(series, 'seriesName'),
    targetDisease: textAt(series, 'targetDisease'),
    vaccineGroup: textAt(series, 'vaccineGroup'),
    seriesType: textAt(series, 'seriesType'),
    seriesAdminGuidance: all(series, 'seriesAdminGuidance').map((one) => textAt(one)),
    equivalentSeriesGroups: listAt(series, 'equivalentSeriesGroups'),
    requiredGender: all(series, 'requiredGender').map((one) => textAt(one)),
    selectSeries: all(series, 'selectSeries').map(convertSelection)[0],
    indications: all(series, 'indication').map((one) =>
      row({
        observationCode: textAt(one, 'observationCode', 'code'),
        observationText: textAt(one, 'observationCode', 'text'),
        description: textAt(one, 'description'),
        beginAge: textAt(one, 'beginAge'),
        endAge: textAt(one, 'endAge'),
        guidance: textAt(one, 'guidance'),
      }),
    ),
    doses: all(series, 'seriesDose').map(convertDose),
  });
}

function convertSelection(selection: Element): Record<string, unknown> {
  return row({
    defaultSeries: yesNoAt(selection, 'defaultSeries'),
    productPath: yesNoAt(selection, 'productPath'),
    seriesGroupName: textAt(selection, 'seriesGroupName'),
    seriesGroup: textAt(selection, 'seriesGroup'),
    seriesPriority: textAt(selection, 'seriesPriority'),
    seriesPreference: numberAt(selection, 'seriesPreference'),
    minAgeToStart: textAt(selection, 'minAgeToStart'),
    maxAgeToStart: textAt(selection, 'maxAgeToStart'),
  });
}
