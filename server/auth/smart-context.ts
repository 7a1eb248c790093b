// The context of a launch, as it stands on the grant and goes with each of its tokens: whose record, whose login.
// SMART App Launch 2.2, "Launch context arrives with your access_token".

export type SmartContext = {
  /** Patient id. One patient a token. */
  patient?: string;
  /** Encounter id. */
  encounter?: string;
  /** References that are open beside them; never a Patient or Encounter of role launch. */
  fhirContext?: { reference?: string; canonical?: string; identifier?: object; type?: string; role?: string }[];
  need_patient_banner?: boolean;
  intent?: string;
  tenant?: string;
  /** Absolute URL of the resource that stands for the user. */
  fhirUser?: string;
  /** `Person/ID` or `Practitioner/ID`: whose rights count. */
  user?: string;
  /** Id of the Organization whose client or staff it is. */
  organization?: string;
  /** v3-ActReason code. */
  purpose?: string;
};

/** What of the context the token answer tells an app. */
export const toldContext = [
  'patient',
  'encounter',
  'fhirContext',
  'need_patient_banner',
  'intent',
  'tenant',
] as const satisfies (keyof SmartContext)[];
