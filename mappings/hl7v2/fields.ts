// What becomes of every field of an HL7 v2 message: the table behind its page under /docs/mappings. HL7 v2.5 with the fields that
// later versions add at the end of a segment, and the Z segments of SS-MIX2.

import type { SourceFormat } from '../fields.ts';
import { orderFields } from './fields/order.ts';
import { otherFields } from './fields/other.ts';
import { personFields } from './fields/person.ts';
import { fieldsOf } from './fields/segment.ts';

export const hl7v2Fields: SourceFormat = {
  id: 'hl7v2',
  title: 'HL7 v2 messages (SS-MIX2 storage, MLLP, VXU)',
  source: 'HL7 v2.5, SS-MIX2 standardized storage 2.1, CDC immunization messaging 1.5',
  fields: [...personFields, ...orderFields, ...otherFields].flatMap(fieldsOf),
};
