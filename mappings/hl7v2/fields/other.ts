// Fields of the segments of appointments, documents, answers to queries and acknowledgments. HL7 v2.5 chapters 2, 5, 9 and 10.

import { COUNTER, RARE, type SegmentFields, TRANSPORT } from './segment.ts';

const resource =
  'Segment action code|Resource|Resource type|Resource group|Start|Start offset|Start offset units|Duration|Duration units|Allow substitution|Filler status';
const answer = { dropped: 'About the query and whether it was answered, not about the patient.' };

export const otherFields: readonly SegmentFields[] = [
  {
    segment: 'SCH',
    names:
      'Placer appointment ID|Filler appointment ID|Occurrence number|Placer group number|Schedule ID|Event reason|Appointment reason|Appointment type|Duration|Duration units|Timing|Placer contact|Placer contact phone|Placer contact address|Placer contact location|Filler contact|Filler contact phone|Filler contact address|Filler contact location|Entered by|Entered by phone|Entered by location|Parent placer ID|Parent filler ID|Filler status|Placer order number|Filler order number',
    to: {
      1: 'Appointment.identifier',
      2: 'Appointment.identifier',
      6: 'Appointment.cancelationReason',
      7: 'Appointment.reasonCode',
      8: 'Appointment.serviceType',
      9: 'Appointment.minutesDuration',
      10: 'Appointment.minutesDuration',
      11: 'Appointment.start Appointment.end',
      25: 'Appointment.status',
    },
    otherwise: { kept: RARE },
  },
  {
    segment: 'RGS',
    names: 'Set ID|Segment action code|Resource group ID',
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'AIS',
    names:
      'Set ID|Segment action code|Service|Start|Start offset|Start offset units|Duration|Duration units|Allow substitution|Filler status|Placer supplemental information|Filler supplemental information',
    to: {
      3: 'Appointment.serviceType',
      4: 'Appointment.start',
      7: 'Appointment.minutesDuration',
      8: 'Appointment.minutesDuration',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  ...['AIG', 'AIL', 'AIP'].map((segment) => ({
    segment,
    names: `Set ID|${resource}`,
    to: { 3: 'Appointment.participant.actor.display' },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  })),
  {
    segment: 'TXA',
    names:
      'Set ID|Document type|Content presentation|Activity time|Primary activity provider|Origination time|Transcription time|Edit times|Originator|Authenticator|Transcriptionist|Unique document number|Parent document number|Placer order number|Filler order number|Unique document file name|Completion status|Confidentiality status|Availability status|Storage status|Change reason|Authentication|Distributed copies',
    to: {
      2: 'DocumentReference.type',
      4: 'DocumentReference.date',
      6: 'DocumentReference.date',
      9: 'DocumentReference.author.display',
      12: 'DocumentReference.identifier',
      13: 'DocumentReference.relatesTo.target',
      16: 'DocumentReference.content.attachment.title',
      17: 'DocumentReference.docStatus',
      19: 'DocumentReference.status',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'MSA',
    names:
      'Acknowledgment code|Message control ID|Text message|Expected sequence number|Delayed acknowledgment type|Error condition',
    otherwise: answer,
  },
  {
    segment: 'ERR',
    names:
      'Error code and location|Error location|HL7 error code|Severity|Application error code|Application error parameter|Diagnostic information|User message|Inform person indicator|Override type|Override reason|Help desk contact',
    otherwise: answer,
  },
  {
    segment: 'QAK',
    names: 'Query tag|Query response status|Query name|Hit count|This payload|Hits remaining',
    otherwise: answer,
  },
  {
    segment: 'QPD',
    names: Array.from({ length: 12 }, (_, n) =>
      n === 0 ? 'Query name' : n === 1 ? 'Query tag' : `Query parameter ${n - 1}`,
    ).join('|'),
    otherwise: answer,
  },
  {
    segment: 'RCP',
    names:
      'Query priority|Quantity limited request|Response modality|Execution time|Modify indicator|Sort-by field|Segment group inclusion',
    otherwise: answer,
  },
  { segment: 'DSC', names: 'Continuation pointer|Continuation style', otherwise: { dropped: TRANSPORT } },
];
