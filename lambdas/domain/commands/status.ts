/**
 * Run Command's Status and StatusDetails in one spelling: AWS writes "Delivery Timed Out", "DeliveryTimedOut" and "Execution Timed
 * Out" in different places.
 */
export function plainStatus(status: string | undefined): string {
  return (status ?? '').replace(/[^A-Za-z]/g, '').toLowerCase();
}

const UNDER_WAY = new Set(['', 'pending', 'inprogress', 'delayed', 'cancelling', 'delivered', 'acknowledged']);

/** Whether a command or an invocation has ended, one way or another. Words that are new to us count as an end: they are then read. */
export function hasEnded(status: string | undefined): boolean {
  return !UNDER_WAY.has(plainStatus(status));
}
