import { z } from 'zod';

// What Slack takes of a message, as far as the app uses it: anything else is `invalid_blocks`, as there.

const plainText = z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(75) });
const mrkdwn = (most: number) => z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(most) });
const blockId = z.string().max(255).optional();

const button = z.strictObject({
  type: z.literal('button'),
  action_id: z.string().min(1).max(255),
  text: plainText,
  value: z.string().max(2000),
  style: z.enum(['primary', 'danger']).optional(),
});
const cell = z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) });
const richText = z.strictObject({
  type: z.literal('rich_text'),
  elements: z.array(
    z.strictObject({
      type: z.literal('rich_text_section'),
      elements: z.array(z.strictObject({ type: z.literal('text'), text: z.string().min(1) })),
    }),
  ),
});
const task = z.strictObject({
  type: z.literal('task_card'),
  block_id: blockId,
  task_id: z.string().min(1),
  title: z.string().min(1),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
  details: richText.optional(),
});

export const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('section'), block_id: blockId, text: mrkdwn(3000) }),
  z.strictObject({ type: z.literal('context'), block_id: blockId, elements: z.array(mrkdwn(3000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('actions'), block_id: blockId, elements: z.array(button).min(1).max(25) }),
  z.strictObject({
    type: z.literal('table'),
    block_id: blockId,
    rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
  }),
  z.strictObject({
    type: z.literal('plan'),
    block_id: blockId,
    title: z.string().min(1),
    tasks: z.array(task).max(50),
  }),
]);
export type Block = z.output<typeof block>;
export const blocks = z
  .array(block)
  .max(50)
  .refine((all) => all.filter(({ type }) => type === 'table').length <= 1, 'must have one table at most');
