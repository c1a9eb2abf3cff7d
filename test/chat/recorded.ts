/** What `send` would have sent, recorded and not sent: to be sent again and again with the same signature. */
export async function recorded(send: () => Promise<unknown>): Promise<() => Promise<Response>> {
  const deliveries: [string, RequestInit][] = [];
  const { fetch: real } = globalThis;
  globalThis.fetch = ((to: string, request: RequestInit) => (
    deliveries.push([to, request]),
    new Response('{}')
  )) as unknown as typeof fetch;
  try {
    await send();
  } finally {
    globalThis.fetch = real;
  }
  const [to, request] = deliveries[0]!;
  return () => fetch(to, request);
}
