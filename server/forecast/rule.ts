// A rule of a schedule as every answer names it: its words, the text it stands in, and how certain it is.

export type Text = { ja: string; en: string };

/** L1 Act … L4 ordinance on practice, L5 guideline, L6 memo, L7 label, L8 society: which text a rule stands in. */
export type Layer = 'L1' | 'L2' | 'L3' | 'L4' | 'L5' | 'L6' | 'L7' | 'L8';

/** O official, S society or label, U uncertain or inferred: an answer resting on U asks the clinician. */
export type Confidence = 'O' | 'S' | 'U';

export type RuleSource = { layer: Layer; confidence: Confidence; text: Text; source: Text };

/** A rule with its id, shared by every answer that rests on it. Layers are those of Japanese law; other rules have none. */
export type Rule = Omit<RuleSource, 'layer'> & { id: string; layer?: Layer };
