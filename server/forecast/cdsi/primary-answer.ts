// The one answer of a vaccine group where one is asked for: a standard and a risk answer stand beside each other, and
// the risk one says more about this person. CDSi 4.6 leaves this open (ours).
import type { Recommendation } from '../types.ts';

/**
 * The risk answer before the standard one, but while another remains none that is over, and none that asks for nothing:
 * a risk whose every dose is skipped leaves the standard answer as it is. Undefined: no answer at all.
 */
export function primaryAnswer(recommendations: readonly Recommendation[], group: string): Recommendation | undefined {
  const own = recommendations.filter(({ series }) => series === group);
  const open = own.filter(({ status }) => status !== 'agedOut' && status !== 'notRecommended');
  const left = open.length === 0 ? own : open;
  return left.find(({ seriesType }) => seriesType === 'risk') ?? left[0];
}
