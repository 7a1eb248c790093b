// What becomes of every field of a source: the table behind the page of each format under /docs/mappings, and behind the check that
// no field of a sample is passed over in silence.

/** One field of a source. Exactly one of `to`, `kept` and `dropped` is there. */
export type SourceField = {
  /** Where it stands, in the words of the format: `PID-3`, `201.4`, `records[].lotNumber`, an XPath. */
  at: string;
  /** What it is called there, in English, with the Japanese name where the format is Japanese. */
  name: string;
  /** FHIR paths that it goes to: `Immunization.lotNumber`. */
  to?: readonly string[];
  /** It is read by people only: it stays in the original, which is always kept. Says why. */
  kept?: string;
  /** It is deliberately not taken over. Says why. */
  dropped?: string;
};

export type SourceFormat = {
  /** As in `tsumugi import --format`, and in the address of its page. */
  id: string;
  title: string;
  /** The specification with its version. */
  source: string;
  fields: readonly SourceField[];
};
