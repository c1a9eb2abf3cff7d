import type { ProvenUpgrade, UpgradeReport } from '../../contracts/upgrade-outcomes';
import { notificationSubject } from '../../domain/text/plain-text';

/** SNS takes 256 KiB; a person reads less. */
const MOST_LINES = 60;

/** Subject and text of the notification. */
export function renderReport({
  cluster,
  plan,
  outcome,
  rows,
  moreNodes,
  summary,
}: UpgradeReport): Pick<ProvenUpgrade, 'subject' | 'text'> {
  const lines = rows.slice(0, MOST_LINES).map(({ node, before = '?', after = '?', outcome: what, seconds }) => {
    const total = Object.values(seconds).reduce((sum, one) => sum + one, 0);
    return `- ${node}: ${what === 'upgraded' ? `${before} → ${after}` : `${what}, at ${after}`}${total > 0 ? ` in ${total} s` : ''}`;
  });
  const more = rows.length - lines.length + moreNodes;
  return {
    subject: notificationSubject(
      outcome === 'upgraded'
        ? `${cluster}: upgraded to ${plan.target}`
        : `${cluster}: upgrade to ${plan.target} ${outcome === 'stopped' ? 'stopped' : 'done in part'}`,
    ),
    text: [summary, '', ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n'),
  };
}
