// One `seriesDose` of CDC's AntigenSupportingData XML as a row of `doses`. AntigenSupportingData.xsd, supporting data 4.64.
import { all, type Element, row, textAt } from './element.ts';
import { dateAt, listAt, numberAt, yesNoAt } from './values.ts';

/** The written form of a dose. */
export function convertDose(dose: Element): Record<string, unknown> {
  const [season] = all(dose, 'seasonalRecommendation');
  return row({
    doseNumber: numberAt(dose, 'doseNumber'),
    ages: all(dose, 'age').map((age) =>
      row({ ...texts(age, ['absMinAge', 'minAge', 'earliestRecAge', 'latestRecAge', 'maxAge']), ...inForce(age) }),
    ),
    preferableIntervals: all(dose, 'interval').map(convertInterval),
    allowableIntervals: all(dose, 'allowableInterval').map(convertInterval),
    preferableVaccines: all(dose, 'preferableVaccine').map((vaccine) =>
      row({
        ...texts(vaccine, ['vaccineType', 'cvx', 'beginAge', 'endAge', 'tradeName', 'mvx', 'volume']),
        forecastVaccineType: yesNoAt(vaccine, 'forecastVaccineType'),
      }),
    ),
    allowableVaccines: all(dose, 'allowableVaccine').map((vaccine) =>
      row(texts(vaccine, ['vaccineType', 'cvx', 'beginAge', 'endAge'])),
    ),
    inadvertentVaccines: all(dose, 'inadvertentVaccine').map((vaccine) => row(texts(vaccine, ['vaccineType', 'cvx']))),
    conditionalSkips: all(dose, 'conditionalSkip').map((skip) =>
      row({ ...texts(skip, ['context', 'setLogic']), sets: all(skip, 'set').map(convertSet) }),
    ),
    recurringDose: yesNoAt(dose, 'recurringDose'),
    seasonalRecommendation: season && [
      row({ startDate: dateAt(season, 'startDate'), endDate: dateAt(season, 'endDate') }),
    ],
  });
}

function convertInterval(interval: Element): Record<string, unknown> {
  const [observation] = all(interval, 'fromRelevantObs');
  return row({
    fromPrevious: yesNoAt(interval, 'fromPrevious'),
    fromTargetDose: numberAt(interval, 'fromTargetDose'),
    fromMostRecentCvx: listAt(interval, 'fromMostRecent'),
    fromRelevantObservation: observation && row(texts(observation, ['code', 'text'])),
    ...texts(interval, ['absMinInt', 'minInt', 'earliestRecInt', 'latestRecInt', 'intervalPriority']),
    ...inForce(interval),
  });
}

function convertSet(set: Element): Record<string, unknown> {
  return row({
    setId: textAt(set, 'setID'),
    description: textAt(set, 'setDescription'),
    ...inForce(set),
    conditionLogic: textAt(set, 'conditionLogic'),
    conditions: all(set, 'condition').map((condition) =>
      row({
        conditionId: textAt(condition, 'conditionID'),
        type: textAt(condition, 'conditionType'),
        startDate: dateAt(condition, 'startDate'),
        endDate: dateAt(condition, 'endDate'),
        ...texts(condition, ['beginAge', 'endAge', 'interval']),
        doseCount: numberAt(condition, 'doseCount'),
        ...texts(condition, ['doseType', 'doseCountLogic']),
        vaccineTypesCvx: listAt(condition, 'vaccineTypes'),
        seriesGroups: listAt(condition, 'seriesGroups'),
      }),
    ),
  });
}

const inForce = (element: Element) => ({
  effectiveDate: dateAt(element, 'effectiveDate'),
  cessationDate: dateAt(element, 'cessationDate'),
});

/** Children whose names the written form keeps. */
function texts(element: Element, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, textAt(element, name)]));
}
