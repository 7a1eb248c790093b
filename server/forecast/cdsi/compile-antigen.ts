// One antigen file to one compiled antigen: immunity, contraindications, series. CDSi 4.6, chapter 3.

import { compileDose } from './compile-dose.ts';
import type { Antigen, Contraindication, Immunity, Series } from './compiled.ts';
import type { CdsiReader } from './reader.ts';
import type { AntigenFile, ContraindicationRow, SeriesRow } from './source.ts';

/** Compiles one antigen; `groupNumbers` are the vaccine groups by name. */
export function compileAntigen(
  source: AntigenFile,
  index: number,
  groupNumbers: ReadonlyMap<string, number>,
  reader: CdsiReader,
): Antigen {
  const series = source.series.map((row) =>
    compileSeries(row, index, sideOf(row, source.series), groupNumbers, reader.at({ series: row.seriesName })),
  );
  return {
    index,
    name: reader.antigen,
    immunity: compileImmunity(source, reader),
    contraindications: compileContraindications(source, reader),
    series,
    groupIds: [...new Set(series.map(({ groupId }) => groupId))],
  };
}

function compileImmunity({ immunity }: AntigenFile, reader: CdsiReader): Immunity {
  return {
    observations: (immunity?.clinicalHistory ?? []).map((row, i) => ({
      code: row.observationCode,
      place: reader.place(`immunity.clinicalHistory[${i}]`, row.title),
    })),
    births: (immunity?.birthDate ?? []).map((row, i) => {
      const field = `immunity.birthDate[${i}]`;
      const before = reader.day(`${field}.bornBefore`, row.bornBefore);
      if (before === undefined) throw reader.fault(`${field}.bornBefore`, 'is missing');
      return {
        before,
        country: row.birthCountry,
        exclusions: (row.exclusions ?? []).map(({ observationCode }) => observationCode),
        place: reader.place(`${field}.bornBefore`, row.bornBefore),
      };
    }),
  };
}

function compileContraindications({ contraindications }: AntigenFile, reader: CdsiReader): Contraindication[] {
  const shared = (row: ContraindicationRow, field: string) => ({
    code: row.observationCode,
    from: reader.length(`${field}.beginAge`, row.beginAge),
    to: reader.length(`${field}.endAge`, row.endAge),
    guidance: row.guidance,
    place: reader.place(field, row.observationTitle ?? row.text),
  });
  const whole = (contraindications?.antigen ?? []).map((row, i) => ({
    ...shared(row, `contraindications.antigen[${i}]`),
    products: undefined,
  }));
  const ofProducts = (contraindications?.vaccine ?? []).map((row, i) => {
    const field = `contraindications.vaccine[${i}]`;
    return {
      ...shared(row, field),
      products: row.contraindicatedVaccines.map((vaccine, j) => ({
        product: reader.product(vaccine.cvx),
        from: reader.length(`${field}.contraindicatedVaccines[${j}].beginAge`, vaccine.beginAge),
        to: reader.length(`${field}.contraindicatedVaccines[${j}].endAge`, vaccine.endAge),
      })),
    };
  });
  return [...whole, ...ofProducts];
}

function sideOf(row: SeriesRow, all: readonly SeriesRow[]): Series['side'] {
  if (row.seriesType !== 'Evaluation Only') return row.seriesType === 'Risk' ? 'risk' : 'standard';
  const { seriesGroup } = row.selectSeries;
  return all.some((one) => one.selectSeries.seriesGroup === seriesGroup && one.seriesType === 'Risk')
    ? 'risk'
    : 'standard';
}

const TYPE = { Standard: 'standard', Risk: 'risk', 'Evaluation Only': 'evaluationOnly' } as const;

function compileSeries(
  row: SeriesRow,
  antigen: number,
  side: Series['side'],
  groupNumbers: ReadonlyMap<string, number>,
  reader: CdsiReader,
): Series {
  const vaccineGroup = groupNumbers.get(row.vaccineGroup);
  if (vaccineGroup === undefined) throw reader.fault('vaccineGroup', `"${row.vaccineGroup}" is not a vaccine group`);
  const { selectSeries } = row;
  const doses = row.doses.map((dose) => compileDose(dose, reader.at({ dose: dose.doseNumber })));
  return {
    name: row.seriesName,
    antigen,
    vaccineGroup,
    type: TYPE[row.seriesType],
    side,
    genders: row.requiredGender ?? [],
    indications: (row.indications ?? []).map((indication, i) => ({
      code: indication.observationCode,
      from: reader.length(`indications[${i}].beginAge`, indication.beginAge),
      to: reader.length(`indications[${i}].endAge`, indication.endAge),
      guidance: indication.guidance,
      place: reader.place(`indications[${i}]`, indication.observationText),
    })),
    groupId: selectSeries.seriesGroup,
    groupName: selectSeries.seriesGroupName,
    equivalentGroups: row.equivalentSeriesGroups ?? [],
    priority: selectSeries.seriesPriority,
    preference: selectSeries.seriesPreference ?? Number.POSITIVE_INFINITY,
    isDefault: selectSeries.defaultSeries,
    isProductPath: selectSeries.productPath,
    minAgeToStart: reader.length('selectSeries.minAgeToStart', selectSeries.minAgeToStart),
    maxAgeToStart: reader.length('selectSeries.maxAgeToStart', selectSeries.maxAgeToStart),
    guidance: row.seriesAdminGuidance ?? [],
    doses,
    preferable: [...new Set(doses.flatMap(({ preferable }) => preferable.map(({ product }) => product)))],
    asksForCompletion: doses.some(({ skips }) =>
      skips.some(({ sets }) => sets.some(({ conditions }) => conditions.some(({ kind }) => kind === 'completed'))),
    ),
    place: reader.place('seriesName'),
  };
}
