/** API Gateway's token bucket: `burstLimit` requests at once, and `rateLimit` more a second. In real time, as the callers live in it. */
export class Throttle {
  private tokens: number;
  private filledAt = performance.now();

  constructor(private readonly limits: { rateLimit: number; burstLimit: number }) {
    this.tokens = limits.burstLimit;
  }

  /** @returns false when the request is one too many */
  take(now = performance.now()): boolean {
    const { rateLimit, burstLimit } = this.limits;
    this.tokens = Math.min(burstLimit, this.tokens + ((now - this.filledAt) / 1000) * rateLimit);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
