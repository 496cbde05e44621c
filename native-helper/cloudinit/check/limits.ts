// SPDX-License-Identifier: MIT
import { CST, isAlias, isScalar, Lexer, visit, type Document } from 'yaml';

/** What no cloud-config that a person or a program of his writes comes near. */
const mostValues = 20_000;
const deepest = 64;
const mostAliases = 200;

/**
 * Words that come with a value; that open and close a level; and that open one by standing in the same line as another.
 */
const beforeValue = new Set<string | null>(['map-value-ind', 'seq-item-ind', 'comma']);
const steps = new Map<string | null, number>([
  ['flow-map-start', 1],
  ['flow-seq-start', 1],
  ['flow-map-end', -1],
  ['flow-seq-end', -1],
]);
const besideOthers = new Set<string | null>(['seq-item-ind', 'explicit-key-ind']);

/** As {@link excessOf}, of a text that is only cut into words: reading it can take far longer than that. */
export function excessOfText(text: string): string | undefined {
  let [values, open, inLine] = [0, 0, 0];
  for (const word of new Lexer().lex(text)) {
    const type = CST.tokenType(word);
    if (beforeValue.has(type)) values += 1;
    open += steps.get(type) ?? 0;
    inLine = type === 'newline' ? 0 : inLine + (besideOthers.has(type) ? 1 : 0);
    if (values > mostValues) return `it has more than ${mostValues} values`;
    if (Math.max(open, inLine) > deepest) return `it is nested more than ${deepest} levels deep`;
  }
  return undefined;
}

/** What of a parsed document is beyond all bounds, in words; undefined where nothing is. */
export function excessOf(document: Document): string | undefined {
  let values = 0;
  let aliases = 0;
  let excess: string | undefined;
  visit(document, {
    Node: (_, node, path) => {
      values += 1;
      if (isAlias(node)) aliases += 1;
      excess =
        values > mostValues
          ? `it has more than ${mostValues} values`
          : aliases > mostAliases
            ? `it has more than ${mostAliases} aliases`
            : path.length > 2 * deepest
              ? `it is nested more than ${deepest} levels deep`
              : undefined;
      return excess === undefined ? undefined : visit.BREAK;
    },
  });
  return excess;
}

export interface RepeatedKey {
  readonly key: string;
  /** Where the later one begins. */
  readonly offset: number;
}

/** Keys that are there twice in one mapping. The library's own check compares each key with each other. */
export function repeatedKeys(document: Document): readonly RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value))
          repeated.push({ key: JSON.stringify(key.value).slice(0, 80), offset: key.range?.[0] ?? 0 });
        seen.add(key.value);
      }
    },
  });
  return repeated;
}
