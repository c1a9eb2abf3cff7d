import { LineCounter, isMap, isNode, isPair, parseDocument } from 'yaml';
import type { Document } from 'yaml';

/** A YAML file that knows on which line each of its values is. */
export class YamlFile {
  readonly syntaxErrors: string[];
  readonly value: unknown;
  private readonly document: Document;
  private readonly lines = new LineCounter();

  constructor(
    readonly path: string,
    text: string,
  ) {
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
    this.syntaxErrors = [...this.document.errors, ...this.document.warnings].map(
      ({ message, pos }) =>
        `${path}:${this.lines.linePos(pos[0]).line}: this is not YAML that can be read: ${message.replace(/\.?$/, '.')}`,
    );
    this.value = this.syntaxErrors.length ? undefined : (this.document.toJS() as unknown);
  }

  /** `<file>:<line>` of the value at a path; of its nearest parent when there is none. */
  at(path: PropertyKey[]): string {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.offsetOf(path.slice(0, length));
      if (offset !== undefined) return `${this.path}:${this.lines.linePos(offset).line}`;
    }
    return `${this.path}:1`;
  }

  valueAt(path: PropertyKey[]): unknown {
    return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], this.value);
  }

  private offsetOf(path: PropertyKey[]): number | undefined {
    const parent: unknown = path.length > 1 ? this.document.getIn(path.slice(0, -1), true) : this.document.contents;
    // A key says better than its value where a mapping begins.
    if (path.length && isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isNode(item.key) && String(item.key) === String(path.at(-1)),
      );
      return pair && isNode(pair.key) ? pair.key.range?.[0] : undefined;
    }
    const node: unknown = path.length ? this.document.getIn(path, true) : this.document.contents;
    return isNode(node) ? node.range?.[0] : undefined;
  }
}
