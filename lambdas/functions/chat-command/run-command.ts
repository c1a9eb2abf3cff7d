import type { ChatAnswer } from '../../contracts/chat/request';
import { isReadOnly } from '../../contracts/operation';
import { ssm } from '../../aws/clients';
import { timeZoneOf } from '../../aws/time-zone';
import { certificatesText, freezeText, historyText, operationText, statusText } from '../../domain/chat/cluster-text';
import { code, escape } from '../../domain/chat/mrkdwn';
import { describeCertificates, describeCluster } from '../api/clusters';
import { freezeCluster, unfreezeCluster } from '../api/freezes';
import { describeOperation, listOperations, stopOperation } from '../api/operations';
import { assertAllowed } from './allowed';
import { ask, type Conversation } from './conversation';
import { helpText, RIGHT, type Command } from './parse-command';
import { showPlan, showRun } from './start';
import { approveById, rejectById } from './verdicts';

/** @throws Mistake, NotAllowed, NotInChannel, and what the HTTPS API throws */
export async function runCommand(command: Command, conversation: Conversation): Promise<ChatAnswer> {
  if (command.name === 'help') return told(helpText());
  const { caller, slack } = conversation;
  const may = (cluster: string | undefined, operation?: string) =>
    assertAllowed(caller, cluster, { right: RIGHT[command.name], operation }, slack);
  switch (command.name) {
    case 'status': {
      await may(command.cluster);
      return told(statusText(await describeCluster(ask('describeCluster', conversation, ofCluster(command)))));
    }
    case 'certificates': {
      await may(command.cluster);
      const report = await describeCertificates(ask('describeCertificates', conversation, ofCluster(command)));
      return told(certificatesText(report, await timeZoneOf(ssm(), command.cluster)));
    }
    case 'history': {
      await may(command.cluster);
      const request = { parameters: {}, query: { cluster: command.cluster, limit: '15' } };
      const found = await listOperations(ask('listOperations', conversation, request));
      return told(historyText(command.cluster, found, await timeZoneOf(ssm(), command.cluster)));
    }
    case 'freeze': {
      await may(command.cluster);
      const request = { ...ofCluster(command), body: { reason: command.reason } };
      const { freezes } = await freezeCluster(ask('freezeCluster', conversation, request));
      return told(freezes.map(freezeText).join('\n'));
    }
    case 'unfreeze': {
      await may(command.cluster);
      const { freezes } = await unfreezeCluster(ask('unfreezeCluster', conversation, ofCluster(command)));
      return told(
        freezes.length === 0 ? `*${escape(command.cluster)}* is not frozen.` : freezes.map(freezeText).join('\n'),
      );
    }
    case 'show':
    case 'stop': {
      const of = { parameters: { id: command.operation } };
      const found = await describeOperation(ask('describeOperation', conversation, of));
      await may(found.cluster);
      if (command.name === 'show') {
        const timeZone = found.cluster === undefined ? 'UTC' : await timeZoneOf(ssm(), found.cluster);
        return { ...told(operationText(found, timeZone)), operation: found.id };
      }
      await stopOperation(ask('stopOperation', conversation, { ...of, body: { reason: command.reason } }));
      return {
        ...told(`${code(found.id)} is stopped; a script that runs on a node ends by itself.`),
        operation: found.id,
      };
    }
    case 'approve':
    case 'reject': {
      const of = { parameters: { id: command.operation } };
      const found = await describeOperation(ask('describeOperation', conversation, of));
      await may(found.cluster, found.operation);
      return command.name === 'approve'
        ? approveById(found, command.digest, conversation)
        : rejectById(found.id, command.reason, conversation);
    }
    case 'plan':
    case 'start': {
      await may(command.cluster, command.operation);
      const asked = { ...command, key: conversation.delivery };
      const atOnce = command.name === 'start' && (command.yes || isReadOnly(command.operation));
      return atOnce ? showRun(asked, conversation) : showPlan(asked, conversation);
    }
  }
}

const told = (text: string): ChatAnswer => ({ ok: true, text });
const ofCluster = ({ cluster }: { cluster: string }) => ({ parameters: { cluster } });
