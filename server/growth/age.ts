// The age at which a child is compared with others: in days, and for children born before 37 weeks counted from the day they
// were due. American Academy of Pediatrics, "Age terminology during the perinatal period", Pediatrics 2004;114:1362-1364.

const TERM_DAYS = 280;
/** Born before 37 completed weeks (WHO: preterm). */
const PRETERM_BEFORE_DAYS = 37 * 7;
/** By convention corrected up to two years of age, the day on which WHO's tables change from lying to standing. */
export const TWO_YEARS_DAYS = 731;

/** Negative before the due date; undefined where the age is not corrected. */
export function correctedAgeDays(ageDays: number, gestationDays: number | undefined): number | undefined {
  if (gestationDays === undefined || gestationDays >= PRETERM_BEFORE_DAYS || ageDays >= TWO_YEARS_DAYS)
    return undefined;
  return ageDays - (TERM_DAYS - gestationDays);
}
