export type InvocationStatus =
  'Pending' | 'InProgress' | 'Success' | 'Cancelled' | 'Cancelling' | 'TimedOut' | 'Failed';
/** StatusDetails, as the API's reference writes them. */
export type InvocationDetails =
  Exclude<InvocationStatus, 'TimedOut'> | 'Delivery Timed Out' | 'Execution Timed Out' | 'Undeliverable' | 'Terminated';

export const STATUS: Record<InvocationDetails, InvocationStatus> = {
  Pending: 'Pending',
  InProgress: 'InProgress',
  Success: 'Success',
  Cancelling: 'Cancelling',
  Cancelled: 'Cancelled',
  Failed: 'Failed',
  'Delivery Timed Out': 'TimedOut',
  'Execution Timed Out': 'TimedOut',
  // The reference does not say which status these two have.
  Undeliverable: 'Failed',
  Terminated: 'Cancelled',
};
