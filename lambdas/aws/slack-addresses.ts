export interface SlackAddresses {
  /** Of the Web API, with a slash at the end. */
  api: string;
  /** Origin of every response_url. */
  responses: string;
}

/**
 * Slack's own; or, for the local AWS, a stand-in on this machine's loopback. Nothing else can be set: the bot token goes there.
 * @throws Error for any other address
 */
export function slackAddresses(standIn = process.env.SLACK_STAND_IN): SlackAddresses {
  if (standIn === undefined) return { api: 'https://slack.com/api/', responses: 'https://hooks.slack.com' };
  if (!/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(standIn)) throw new Error('SLACK_STAND_IN must be on the loopback.');
  return { api: `${standIn}/api/`, responses: standIn };
}
