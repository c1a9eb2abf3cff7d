import type { ActionsBlock, Button as ButtonElement } from '@slack/types';
import type { Button } from '../../contracts/chat/request';

/**
 * The buttons under a plan. The approval of plans adds Approve and Reject here, their names to `BUTTONS` in the contract, and what they do to
 * `ON_CLICK` in chat-command. A button carries the id of the operation that computed the plan, and nothing that decides anything.
 */
export function planButtons(plan: string): ActionsBlock {
  return { type: 'actions', elements: [button('start', 'Start', plan, 'primary'), button('discard', 'Discard', plan)] };
}

const button = (id: Button, text: string, value: string, style?: 'primary' | 'danger'): ButtonElement => ({
  type: 'button',
  action_id: id,
  text: { type: 'plain_text', text },
  value,
  ...(style && { style }),
});
