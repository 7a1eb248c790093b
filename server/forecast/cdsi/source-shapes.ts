// The shapes of the written form (source.ts), field by field: what is required, what may be left out, and which names must
// stand elsewhere in the schedule. CDC CDSi 4.6, chapter 3; XML schemas of the supporting data 4.64.
import {
  anyList,
  date,
  duration,
  exactly,
  fields,
  list,
  oneOf,
  type Shape,
  text,
  whole,
  word,
  yesNo,
} from './shape.ts';

/** The names that other rows may use. */
export type Names = {
  products: ReadonlySet<string>;
  antigens: ReadonlySet<string>;
  observations: ReadonlySet<string>;
  vaccineGroups: ReadonlySet<string>;
};

const anyRow: Shape = () => undefined;

/** `schedule.json`. */
export function scheduleShape({ antigens, vaccineGroups }: Names): Shape {
  return fields(
    {
      version: text,
      vaccineConflicts: anyList(
        fields(
          { conflictingCvx: text, impactedCvx: text, conflictBeginInterval: duration, conflictEndInterval: duration },
          { conflictingType: text, impactedType: text, minConflictEndInterval: duration },
        ),
      ),
      vaccineGroups: list(fields({ name: text }, { administerFullVaccineGroup: yesNo })),
      vaccineGroupToAntigens: list(
        fields({ name: oneOf('vaccine group', vaccineGroups), antigens: list(oneOf('antigen', antigens)) }),
      ),
      cvxToAntigens: list(
        fields(
          {
            cvx: text,
            associations: list(
              fields({ antigen: oneOf('antigen', antigens) }, { beginAge: duration, endAge: duration }),
            ),
          },
          { description: text },
        ),
      ),
      observations: anyList(
        fields(
          { code: text, title: text },
          {
            indicationText: text,
            contraindicationText: text,
            clarifyingText: text,
            codedValues: list(fields({ system: text, code: text }, { text })),
          },
        ),
      ),
    },
    { released: date },
  );
}

/** A file of `antigens/`, but for its series. */
export function antigenShape({ products, observations }: Names): Shape {
  const observationCode = oneOf('observation', observations);
  const contraindication = { observationTitle: text, text, guidance: text, beginAge: duration, endAge: duration };
  const product = fields(
    { cvx: oneOf('product', products) },
    { vaccineType: text, beginAge: duration, endAge: duration },
  );
  return fields(
    { antigen: text, series: list(anyRow) },
    {
      immunity: fields(
        {},
        {
          clinicalHistory: list(fields({ observationCode }, { title: text })),
          birthDate: list(
            fields(
              { bornBefore: date },
              { birthCountry: text, exclusions: list(fields({ observationCode }, { title: text })) },
            ),
          ),
        },
      ),
      contraindications: fields(
        {},
        {
          antigen: list(fields({ observationCode }, contraindication)),
          vaccine: list(fields({ observationCode, contraindicatedVaccines: list(product) }, contraindication)),
        },
      ),
    },
  );
}

/** A series, but for its doses. */
export function seriesShape({ antigens, observations, vaccineGroups }: Names): Shape {
  return fields(
    {
      seriesName: text,
      targetDisease: oneOf('antigen', antigens),
      vaccineGroup: oneOf('vaccine group', vaccineGroups),
      seriesType: exactly('Standard', 'Risk', 'Evaluation Only'),
      selectSeries: fields(
        {
          defaultSeries: yesNo,
          productPath: yesNo,
          seriesGroupName: text,
          seriesGroup: text,
          seriesPriority: text,
        },
        { seriesPreference: whole(1), minAgeToStart: duration, maxAgeToStart: duration },
      ),
      doses: list(anyRow),
    },
    {
      seriesAdminGuidance: list(text),
      requiredGender: list(exactly('Female', 'Male', 'Unknown')),
      equivalentSeriesGroups: list(text),
      indications: list(
        fields(
          { observationCode: oneOf('observation', observations) },
          { observationText: text, description: text, guidance: text, beginAge: duration, endAge: duration },
        ),
      ),
    },
  );
}

/** A dose of a series. */
export function doseShape({ products, observations }: Names): Shape {
  const cvx = oneOf('product', products);
  const inForce = { effectiveDate: date, cessationDate: date };
  const reference = { fromPrevious: yesNo, fromTargetDose: whole(1) };
  const ages = {
    absMinAge: duration,
    minAge: duration,
    earliestRecAge: duration,
    latestRecAge: duration,
    maxAge: duration,
  };
  const intervals = { absMinInt: duration, minInt: duration, earliestRecInt: duration, latestRecInt: duration };
  const window = { vaccineType: text, beginAge: duration, endAge: duration };
  const logic = word('AND', 'OR');
  const condition = fields(
    { type: text },
    {
      conditionId: text,
      beginAge: duration,
      endAge: duration,
      interval: duration,
      seriesGroups: list(text),
      startDate: date,
      endDate: date,
      doseCount: whole(0),
      doseType: word('Valid', 'Total'),
      doseCountLogic: word('greater than', 'equal to', 'less than'),
      vaccineTypesCvx: list(cvx),
    },
  );
  return fields(
    { doseNumber: whole(1), recurringDose: yesNo },
    {
      ages: list(fields({}, { ...ages, ...inForce })),
      preferableIntervals: list(
        fields(
          {},
          {
            ...reference,
            fromMostRecentCvx: list(cvx),
            fromRelevantObservation: fields({ code: oneOf('observation', observations) }, { text }),
            ...intervals,
            intervalPriority: word('override'),
            ...inForce,
          },
        ),
      ),
      allowableIntervals: list(fields({}, { ...reference, absMinInt: duration })),
      preferableVaccines: list(
        fields({ cvx, forecastVaccineType: yesNo }, { ...window, mvx: text, tradeName: text, volume: text }),
      ),
      allowableVaccines: list(fields({ cvx }, window)),
      inadvertentVaccines: list(fields({ cvx }, { vaccineType: text })),
      conditionalSkips: list(
        fields(
          {
            context: exactly('Evaluation', 'Forecast', 'Both'),
            sets: list(
              fields(
                { conditions: list(condition) },
                { setId: text, description: text, conditionLogic: logic, ...inForce },
              ),
            ),
          },
          { setLogic: logic },
        ),
      ),
      seasonalRecommendation: list(fields({}, { startDate: date, endDate: date })),
    },
  );
}
