// CDC publishes its supporting data as XML; converted, they are the same content in the written form.
import { describe, expect, test } from 'vitest';
import type { SourceText } from '../../../server/forecast/cdsi/read-source.ts';
import { convertSupportingData } from '../../../server/forecast/cdsi/xml/convert.ts';

const schedule = `<scheduleSupportingData>
<liveVirusConflicts><liveVirusConflict>
<previous><vaccineType>red</vaccineType><cvx>901</cvx></previous><current><vaccineType>red</vaccineType><cvx>901</cvx></current>
<conflictBeginInterval>1 day</conflictBeginInterval><minConflictEndInterval>24 days</minConflictEndInterval>
<conflictEndInterval>28 days</conflictEndInterval>
</liveVirusConflict></liveVirusConflicts>
<vaccineGroups><vaccineGroup><name>Red</name><administerFullVaccineGroup>No</administerFullVaccineGroup></vaccineGroup></vaccineGroups>
<vaccineGroupToAntigenMap><vaccineGroupMap><name>Red</name><antigen>Redpox</antigen></vaccineGroupMap></vaccineGroupToAntigenMap>
<cvxToAntigenMap><cvxMap><cvx>901</cvx><shortDescription>red,  live</shortDescription>
<association><antigen>Redpox</antigen><associationBeginAge>0 days</associationBeginAge><associationEndAge/></association></cvxMap></cvxToAntigenMap>
<observations><observation><observationCode>001</observationCode><observationTitle>Works
with red animals </observationTitle><group/><indicationText/><contraindicationText>No.</contraindicationText><clarifyingText/>
<codedValues><codedValue><code>1</code><codeSystem>SNOMED</codeSystem><text>red</text></codedValue></codedValues></observation></observations>
</scheduleSupportingData>`;

const antigen = (dose: string) => `<antigenSupportingData>
<immunity><dateOfBirth><immunityBirthDate>01/31/1957</immunityBirthDate><birthCountry>U.S.</birthCountry>
<exclusion><exclusionCode>001</exclusionCode><exclusionTitle>Works</exclusionTitle></exclusion></dateOfBirth></immunity>
<contraindications><vaccineGroup><contraindication><observationCode>001</observationCode><observationTitle/>
<contraindicationText>No.</contraindicationText><contraindicationGuidance/><beginAge/><endAge/></contraindication></vaccineGroup></contraindications>
<series><seriesName>Redpox series</seriesName><targetDisease>Redpox</targetDisease><vaccineGroup>Red </vaccineGroup>
<seriesAdminGuidance>Be kind.</seriesAdminGuidance><seriesAdminGuidance/><seriesType>Standard</seriesType>
<equivalentSeriesGroups/><requiredGender/><selectSeries><defaultSeries>Yes</defaultSeries><productPath>No</productPath>
<seriesGroupName>Standard</seriesGroupName><seriesGroup>1</seriesGroup><seriesPriority>A</seriesPriority>
<seriesPreference>n/a</seriesPreference><minAgeToStart/><maxAgeToStart/></selectSeries><indication/>${dose}</series>
</antigenSupportingData>`;

const dose = `<seriesDose><doseNumber>Dose 1</doseNumber>
<age><absMinAge>12 months - 4 days</absMinAge><minAge>12 months</minAge><effectiveDate>20230912</effectiveDate></age>
<interval/><allowableInterval/>
<preferableVaccine><vaccineType>red</vaccineType><cvx>901</cvx><beginAge/><endAge/><tradeName/><mvx/><volume>0.50</volume>
<forecastVaccineType>Y</forecastVaccineType></preferableVaccine>
<allowableVaccine/><inadvertentVaccine/>
<conditionalSkip><context>Both</context><setLogic>n/a</setLogic><set><setID>1</setID><setDescription>Enough.</setDescription>
<effectiveDate/><cessationDate/><conditionLogic/><condition><conditionID>1</conditionID><conditionType>Vaccine Count by Age</conditionType>
<startDate/><endDate/><beginAge>4 years</beginAge><endAge/><interval/><doseCount>0</doseCount><doseType>Valid</doseType>
<doseCountLogic>greater than</doseCountLogic><vaccineTypes>901; 901</vaccineTypes><seriesGroups/></condition></set></conditionalSkip>
<recurringDose>No</recurringDose><seasonalRecommendation><startDate>20250901</startDate><endDate/></seasonalRecommendation>
</seriesDose>`;

const convert = (texts: SourceText[]) => convertSupportingData(texts, { version: '9', released: '2026-01-31' });

const files = (text = antigen(dose)): SourceText[] => [
  { file: 'AntigenSupportingData- Red Pox-508.xml', text },
  { file: 'ScheduleSupportingData.xml', text: schedule },
];

describe('convertSupportingData', () => {
  test('keeps every value under the names of the written form, and leaves empty ones out', () => {
    const [red, general] = convert(files()).files;
    expect(red?.file).toBe('antigens/red-pox.json');
    expect(JSON.parse(red?.text ?? '')).toEqual({
      antigen: 'Red Pox',
      immunity: {
        birthDate: [
          {
            bornBefore: '1957-01-31',
            birthCountry: 'U.S.',
            exclusions: [{ observationCode: '001', title: 'Works' }],
          },
        ],
      },
      contraindications: { antigen: [{ observationCode: '001', text: 'No.' }] },
      series: [
        {
          seriesName: 'Redpox series',
          targetDisease: 'Redpox',
          vaccineGroup: 'Red',
          seriesType: 'Standard',
          seriesAdminGuidance: ['Be kind.'],
          selectSeries: {
            defaultSeries: true,
            productPath: false,
            seriesGroupName: 'Standard',
            seriesGroup: '1',
            seriesPriority: 'A',
          },
          doses: [
            {
              doseNumber: 1,
              ages: [{ absMinAge: '12 months - 4 days', minAge: '12 months', effectiveDate: '2023-09-12' }],
              preferableVaccines: [{ vaccineType: 'red', cvx: '901', volume: '0.50', forecastVaccineType: true }],
              conditionalSkips: [
                {
                  context: 'Both',
                  sets: [
                    {
                      setId: '1',
                      description: 'Enough.',
                      conditions: [
                        {
                          conditionId: '1',
                          type: 'Vaccine Count by Age',
                          beginAge: '4 years',
                          doseCount: 0,
                          doseType: 'Valid',
                          doseCountLogic: 'greater than',
                          vaccineTypesCvx: ['901', '901'],
                        },
                      ],
                    },
                  ],
                },
              ],
              recurringDose: false,
              seasonalRecommendation: [{ startDate: '2025-09-01' }],
            },
          ],
        },
      ],
    });
    expect(general?.file).toBe('schedule.json');
    expect(JSON.parse(general?.text ?? '')).toEqual({
      version: '9',
      released: '2026-01-31',
      vaccineConflicts: [
        {
          conflictingCvx: '901',
          conflictingType: 'red',
          impactedCvx: '901',
          impactedType: 'red',
          conflictBeginInterval: '1 day',
          minConflictEndInterval: '24 days',
          conflictEndInterval: '28 days',
        },
      ],
      vaccineGroups: [{ name: 'Red', administerFullVaccineGroup: false }],
      vaccineGroupToAntigens: [{ name: 'Red', antigens: ['Redpox'] }],
      cvxToAntigens: [
        { cvx: '901', description: 'red, live', associations: [{ antigen: 'Redpox', beginAge: '0 days' }] },
      ],
      observations: [
        {
          code: '001',
          title: 'Works with red animals',
          contraindicationText: 'No.',
          codedValues: [{ system: 'SNOMED', code: '1', text: 'red' }],
        },
      ],
    });
  });

  test.each([
    [
      'a value that is none',
      files(antigen(dose.replace('20230912', 'autumn'))),
      'antigens/red-pox.json > Redpox series > 1 > ages[0].effectiveDate',
    ],
    ['text that is no XML', files('<antigenSupportingData>'), 'AntigenSupportingData- Red Pox-508.xml'],
    ['a document type', files(`<!DOCTYPE a [<!ENTITY x "y">]>${antigen(dose)}`), 'document type'],
    ['the wrong root', files(schedule), 'its root is "scheduleSupportingData"'],
    ['no schedule', files().slice(0, 1), 'schedule.json'],
  ])('refuses %s', (_, texts, words) => {
    expect(() => convert(texts)).toThrow(words);
  });
});
