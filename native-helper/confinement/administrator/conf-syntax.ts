// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { SaidError } from '../../core/said-error.ts';

export type ConfValue = number | string | readonly string[];

export interface ConfEntry {
  readonly value: ConfValue;
  readonly line: number;
}

const token = /\s*(?:(#[^\n]*)|([A-Za-z_][A-Za-z0-9_]*)|(-?\d+)|"([^"\n]*)"|'([^'\n]*)'|([=[\],]))/y;

type Token =
  | { readonly kind: 'name' | 'text' | 'sign'; readonly text: string; readonly line: number }
  | { readonly kind: 'number'; readonly text: string; readonly line: number };

/**
 * Reads the syntax of libvirt's configuration files (qemu.conf): `name = value` where a value is a whole number, a
 * text in single or double quotes, or a list of texts in brackets that may span lines; `#` begins a comment.
 *
 * @throws Error with the line of what is not understood
 */
export function parseConf(text: string): ReadonlyMap<string, ConfEntry> {
  const reader = new Reader(tokensOf(text));
  const entries = new Map<string, ConfEntry>();
  for (let name = reader.next(); name !== undefined; name = reader.next()) {
    if (name.kind !== 'name')
      throw new SaidError(sentence('security.line-name-expected', { line: name.line, text: name.text }));
    if (entries.has(name.text))
      throw new SaidError(sentence('security.line-set-twice', { line: name.line, text: name.text }));
    reader.expect('=', name);
    entries.set(name.text, { value: reader.value(name), line: name.line });
  }
  return entries;
}

function tokensOf(text: string): Token[] {
  const found: Token[] = [];
  token.lastIndex = 0;
  while (text.slice(token.lastIndex).trim() !== '') {
    const from = token.lastIndex;
    const match = token.exec(text);
    const line = text.slice(0, from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0)).split('\n').length;
    if (!match) throw new SaidError(sentence('security.line-not-understood', { line }));
    const [, comment, name, digits, doubled, single, sign] = match;
    if (comment !== undefined) continue;
    if (name !== undefined) found.push({ kind: 'name', text: name, line });
    else if (digits !== undefined) found.push({ kind: 'number', text: digits, line });
    else if (sign !== undefined) found.push({ kind: 'sign', text: sign, line });
    else found.push({ kind: 'text', text: doubled ?? single ?? '', line });
  }
  return found;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  expect(sign: string, after: Token): void {
    const found = this.next();
    if (!isSign(found, sign))
      throw new SaidError(
        sentence('security.line-sign-expected', { line: (found ?? after).line, sign, text: after.text }),
      );
  }

  value(name: Token): ConfValue {
    const first = this.next();
    if (first?.kind === 'number') return Number(first.text);
    if (first?.kind === 'text') return first.text;
    if (first && isSign(first, '[')) return this.#list(first);
    throw new SaidError(sentence('security.line-value-needed', { line: (first ?? name).line, text: name.text }));
  }

  /** A comma may stand behind the last text. */
  #list(open: Token): readonly string[] {
    const texts: string[] = [];
    for (let item = this.next(); ; item = this.next()) {
      if (isSign(item, ']')) return texts;
      if (item?.kind !== 'text') throw new SaidError(sentence('security.line-list-end', { line: (item ?? open).line }));
      texts.push(item.text);
      const end = this.next();
      if (isSign(end, ']')) return texts;
      if (!isSign(end, ','))
        throw new SaidError(sentence('security.line-comma-expected', { line: (end ?? item).line }));
    }
  }
}

function isSign(found: Token | undefined, sign: string): boolean {
  return found?.kind === 'sign' && found.text === sign;
}
