import { detailsOf, withNames } from './render-text';
import type { Block } from './blocks';
import type { Message, Workspace } from './workspace';

/** All messages as one page without scripts: as somebody sees them who is in every channel. */
export function conversationPage({ messages, names }: Workspace): string {
  const threads = Map.groupBy(messages, ({ thread, ts }) => thread ?? ts);
  const body = [...threads.values()].map((thread) => thread.map((one) => messageHtml(one, names)).join('')).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A conversation with kubeadm-autopilot</title><style>${STYLE}</style><main>${body}</main></html>`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:0;background:#f8f8f8;color:#1d1c1d}
main{max-width:52rem;margin:auto;padding:1rem}
article{background:#fff;border:1px solid #ddd;border-radius:8px;padding:.6rem 1rem;margin:.6rem 0;overflow-x:auto}
article.thread{margin-left:2rem}article.only{background:#fdf6e3}
header,small{color:#616061;font-size:.85rem}p{margin:.3rem 0}
table{border-collapse:collapse;font-size:.9rem}td{border:1px solid #ddd;padding:.2rem .5rem}
button{padding:.3rem .9rem;margin:.4rem .4rem 0 0;border-radius:4px;border:1px solid #bbb;background:#fff}
button.primary{background:#007a5a;color:#fff}li{list-style:none}ul{padding-left:.5rem;margin:.3rem 0}
.complete::before{content:"✔ ";color:#007a5a}.error::before{content:"✖ ";color:#c00}
.in_progress::before{content:"… "}.pending::before{content:"○ "}`;

function messageHtml(message: Message, names: Map<string, string>): string {
  const { from, channel, only, thread, edits, text, blocks } = message;
  const name = (id: string) => html(names.get(id) ?? id);
  const head = [
    `<b>${name(from)}</b> in #${name(channel)}`,
    ...(only === undefined ? [] : [`only ${name(only)} sees this`]),
    ...(edits === 0 ? [] : [`edited ${edits} times`]),
  ].join(' · ');
  const classes = [...(thread === undefined ? [] : ['thread']), ...(only === undefined ? [] : ['only'])].join(' ');
  const shown = blocks.length > 0 ? blocks.map((block) => blockHtml(block, names)) : [paragraphs(text, names)];
  return `<article class="${classes}"><header>${head}</header>${shown.join('')}</article>`;
}

function blockHtml(block: Block, names: Map<string, string>): string {
  switch (block.type) {
    case 'section':
      return paragraphs(block.text.text, names);
    case 'context':
      return block.elements.map(({ text }) => `<small>${mrkdwn(text, names)}</small>`).join(' ');
    case 'table':
      return `<table>${block.rows.map((row) => `<tr>${row.map(({ text }) => `<td>${html(text)}</td>`).join('')}</tr>`).join('')}</table>`;
    case 'actions':
      return block.elements
        .map(({ text, style = '' }) => `<button type="button" class="${style}">${html(text.text)}</button>`)
        .join('');
    case 'plan':
      return `<p><b>${html(block.title)}</b></p><ul>${block.tasks
        .map((task) => `<li class="${task.status}">${html(task.title)} <small>${html(detailsOf(task))}</small></li>`)
        .join('')}</ul>`;
  }
}

const paragraphs = (text: string, names: Map<string, string>) =>
  text
    .split('\n')
    .map((line) => `<p>${mrkdwn(line, names)}</p>`)
    .join('');

/** Slack escapes what HTML does; what is left of `<` after the mentions is no markup of ours. */
const mrkdwn = (text: string, names: Map<string, string>): string =>
  withNames(text, names)
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\*([^*]+)\*/g, '<b>$1</b>')
    .replace(/`([^`]+)`/g, '<code>$1</code>');

const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
