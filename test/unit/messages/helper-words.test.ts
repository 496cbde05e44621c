// SPDX-License-Identifier: MIT
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/lib/paths.ts';

/** Literals with blanks that are no words: the file, the text, and why it may stand. */
const exceptions: readonly (readonly [file: string, text: string, why: string])[] = [
  ['core/errors.ts', '0 bytes', 'an amount'],
  ['core/errors.ts', '1 MiB', 'an amount'],
  ['process/runner.ts', '0 bytes', 'an amount'],
  ['process/runner.ts', '1 MiB', 'an amount'],
];

const helper = path.join(root, 'native-helper');
const files = globSync('**/*.ts', { cwd: helper });

test('what fills the places of errors is in the catalogue, not in the code', () => {
  const found = files.flatMap((file) => wordsInErrors(file).map(({ text, line }) => ({ file, text, line })));
  const words = found.filter(
    ({ file, text }) => !exceptions.some(([where, allowed]) => where === file && allowed === text),
  );
  expect(words.map(({ file, line, text }) => `native-helper/${file}:${line} ${text}`)).toEqual([]);
});

test('each exception is still there', () => {
  for (const [file, text] of exceptions)
    expect(
      wordsInErrors(file).map((each) => each.text),
      file,
    ).toContain(text);
});

test('words are found in a parameter, in a part of a condition and in a template', () => {
  const source = `
    throw new HelperError('mount.failed', { reason: isGone ? 'the guest is gone' : \`line \${at}: it is wrong\` });
    throw new HelperError('internal.bug', { reason: 'for developers only' });
    throw new HelperError('mount.failed', { reason: sentence('mount.sshfs-ended', { name: 'two words' }) });`;
  expect(wordsIn(source).map(({ text }) => text)).toEqual(['the guest is gone', 'line …: it is wrong', 'two words']);
});

interface Words {
  readonly text: string;
  readonly line: number;
}

function wordsInErrors(file: string): readonly Words[] {
  return wordsIn(readFileSync(path.join(helper, file), 'utf8'));
}

/** The literals with a blank between letters in the parameters of each `new HelperError(...)`, except of bugs. */
function wordsIn(source: string): readonly Words[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: Words[] = [];
  const look = (node: ts.Node, isInError: boolean): void => {
    const text = textOf(node);
    if (isInError && text !== undefined && /\p{L}\S* |\S \p{L}/u.test(text))
      found.push({ text, line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1 });
    if (isHelperError(node)) {
      const [code, params] = node.arguments ?? [];
      if (params && code?.getText(file) !== "'internal.bug'") look(params, true);
      return;
    }
    ts.forEachChild(node, (child) => look(child, isInError));
  };
  look(file, false);
  return found;
}

function isHelperError(node: ts.Node): node is ts.NewExpression {
  return ts.isNewExpression(node) && node.expression.getText() === 'HelperError';
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}
