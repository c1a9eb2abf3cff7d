import { createHash, randomUUID } from 'node:crypto';
import { chatAnswer, type ChatRequest } from '../../contracts/chat/request';
import { invokeLater, invokeNow } from '../../aws/invoke';
import { rememberDelivery } from '../../aws/chat-store';
import { dynamoDb, lambda, ssm } from '../../aws/clients';
import { readSecret } from '../../aws/secret-parameter';
import { slackAddresses } from '../../aws/slack-addresses';
import { chatSettingsOf, environment, logger } from '../../runtime/lambda';
import { readDelivery, Refusal, senderOf, type ChatEvent, type Sender } from './delivery';
import { readRequest } from './read-request';
import { findFault, WINDOW_SECONDS, type SignedDelivery } from './verify-signature';

/**
 * What strangers reach: a route without IAM authorisation. It proves who sends, and passes on what is said to `chat-command`; itself it may
 * do nothing else. Slack wants an answer within 3 seconds, so it does not wait for what comes of it.
 */
export async function handler(event: ChatEvent) {
  try {
    const sender = senderOf(event);
    const delivery = readDelivery(sender, event);
    await prove(sender, delivery);
    await once(delivery);
    const heard = readRequest(sender, delivery.body, {
      workspace: chatSettingsOf().slack?.workspace,
      responseOrigin: slackAddresses().responses,
    });
    if (heard === 'ping') return answer(200, {});
    const request: ChatRequest = { delivery: randomUUID(), ...heard };
    logger.info('Delivery heard', { kind: sender.kind, delivery: request.delivery, caller: request.caller });
    return await passOn(sender, request);
  } catch (error) {
    return refuse(error, event);
  }
}

/** @throws Refusal, the same to whoever is unknown and to whoever signs wrongly */
async function prove(sender: Sender, delivery: SignedDelivery): Promise<void> {
  const { slack, webhooks } = chatSettingsOf();
  const name =
    sender.kind === 'webhook' ? webhooks.find((one) => one.name === sender.name)?.secret : slack?.signingSecret;
  const secret = name === undefined ? undefined : await readSecret(ssm(), name);
  const fault = secret === undefined ? 'its sender is not configured' : findFault(delivery, secret, new Date());
  if (fault !== undefined) throw new Refusal(401, 'NotAuthentic', 'The signature or its time is not valid.', fault);
}

/** @throws Refusal when the same delivery came before */
async function once({ timestamp, signature }: SignedDelivery): Promise<void> {
  // Not the signature itself: whoever reads the table must not learn it.
  const id = createHash('sha256').update(`${timestamp}/${signature}`).digest('hex');
  const forgottenAt = Number(timestamp) + 4 * WINDOW_SECONDS;
  if (await rememberDelivery(dynamoDb(), environment('CHAT_TABLE'), id, forgottenAt)) return;
  throw new Refusal(409, 'Repeated', 'This delivery has come before.');
}

async function passOn(sender: Sender, request: ChatRequest) {
  const worker = environment('CHAT_COMMAND');
  if (sender.kind === 'webhook') {
    const told = chatAnswer.parse(await invokeNow(lambda(), worker, request));
    return answer(told.ok ? 200 : 409, told);
  }
  await invokeLater(lambda(), worker, request);
  // A click needs no answer: its message changes.
  return answer(200, sender.kind === 'slack-command' ? { response_type: 'ephemeral', text: 'On it …' } : {});
}

function refuse(error: unknown, { routeKey, requestContext }: ChatEvent) {
  const from = { routeKey, sourceIp: requestContext.http.sourceIp };
  if (error instanceof Refusal) {
    logger.warn('Delivery refused', { ...from, error: error.error, reason: error.reason });
    return answer(error.status, { error: error.error, message: error.message });
  }
  logger.error('Delivery not handled', { ...from, error: error as Error });
  return answer(503, { error: 'InternalError', message: 'It was not handled; send the command again.' });
}

const answer = (statusCode: number, body: unknown) => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
