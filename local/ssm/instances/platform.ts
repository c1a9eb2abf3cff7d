/** What every local node says it runs. */
export const PLATFORM = { type: 'Linux', name: 'Ubuntu', version: '24.04' } as const;
