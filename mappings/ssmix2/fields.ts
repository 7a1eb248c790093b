// What becomes of what the path of a file in a standardized storage says. The message in the file is HL7 v2, with a table of its own.
// SS-MIX2 standardized storage, chapter on folders and file names.

import type { SourceFormat } from '../fields.ts';

export const ssmix2Fields: SourceFormat = {
  id: 'ssmix2',
  title: 'SS-MIX2 standardized storage: folders and file names (標準化ストレージ)',
  source: 'SS-MIX2 standardized storage 1.2.0',
  fields: [
    {
      at: 'folder.1',
      name: 'First three characters of the patient number',
      dropped: 'Repeats the patient number; a file where it differs is left out.',
    },
    {
      at: 'folder.2',
      name: 'Next three characters of the patient number',
      dropped: 'Repeats the patient number; a file where it differs is left out.',
    },
    {
      at: 'name.1',
      name: 'Patient number (患者ID)',
      dropped: 'Decides nothing: PID-3 does, and where the two differ a person has to say whose the file is.',
    },
    {
      at: 'name.2',
      name: 'Day of the visit or order (診療日)',
      kept: 'The message has its own times; the day stays in the id of the message (the file name), kept with the original.',
    },
    {
      at: 'name.3',
      name: 'Data type (データ種別)',
      kept: 'MSH-9 decides how the message is mapped. It says which files are events of a visit, and stays in the id of the message.',
    },
    {
      at: 'name.4',
      name: 'Order number (オーダNo)',
      kept: 'ORC-2 of the message becomes the identifier. It tells versions of one thing apart, and stays in the id of the message.',
    },
    {
      at: 'name.5',
      name: 'Time of transmission (発生日時)',
      to: ['Provenance.occurredDateTime'],
    },
    {
      at: 'name.6',
      name: 'Department (診療科コード)',
      kept: 'PV1 and ORC-17 of the message become the department. Where there is no order number it tells files apart.',
    },
    {
      at: 'name.7',
      name: 'Condition flag (コンディションフラグ): 1 stands, 0 deleted, 2 superseded',
      to: [
        'AllergyIntolerance.verificationStatus',
        'Condition.verificationStatus',
        'DiagnosticReport.status',
        'Encounter.status',
        'Immunization.status',
        'MedicationRequest.status',
        'Observation.status',
      ],
    },
  ],
};
