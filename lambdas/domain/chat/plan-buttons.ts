import type { ActionsBlock, Button as ButtonElement } from '@slack/types';
import type { Button } from '../../contracts/chat/request';

// A button carries the id of an operation, and nothing that decides anything.

/** Under a plan that can be started. */
export const planButtons = (plan: string): ActionsBlock => ({
  type: 'actions',
  elements: [button('start', 'Start', plan, 'primary'), button('discard', 'Discard', plan)],
});

/** Under the plan for whose approval an operation waits. */
export const approvalButtons = (operation: string): ActionsBlock => ({
  type: 'actions',
  elements: [button('approve', 'Approve', operation, 'primary'), button('reject', 'Reject', operation, 'danger')],
});

const button = (id: Button, text: string, value: string, style?: 'primary' | 'danger'): ButtonElement => ({
  type: 'button',
  action_id: id,
  text: { type: 'plain_text', text },
  value,
  ...(style && { style }),
});
