// SPDX-License-Identifier: MIT
import ts from 'typescript';
import { allTexts as texts } from './all-texts.ts';

/** Functions, methods and classes that put what they are given before people, in the client's programs. */
const tellers: ReadonlySet<string> = new Set([
  'tell',
  'print',
  'show',
  'showError',
  'ask',
  'confirm',
  'write',
  'description',
  'option',
  'requiredOption',
  'argument',
  'showHelpAfterError',
  'error',
  'CliError',
  'CopyError',
  'SftpError',
  'LinkError',
  'InvalidArgumentError',
  'Option',
]);
/** Fields of menus, dialogs and tables that do. */
const shownFields: ReadonlySet<string> = new Set([
  'title',
  'message',
  'detail',
  'agree',
  'question',
  'buttons',
  'buttonLabel',
  'checkboxLabel',
  'hint',
  'fix',
]);
/** Labels are shown in menus; in the command line they are the command that was given, `launch web`. */
const labels = 'label';
/** The program's name is the same in all languages, options and the window's channels are no words. */
const noWords = /^(?:Berth|-.*|berth:[a-z-]+)$/;

/** A word of two letters or more with a blank beside it; the program's name before an error is none. */
const sentence = /[A-Za-z]{2,}\s+\S|\S\s+[A-Za-z]{2,}/;
const word = /[A-Za-z]{2,}/;

/** The texts in a file's source that people would see and that are in no catalogue: `line: text`. */
export function wordsInCode(name: string, source: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const note = (node: ts.Node, text: string, looksLikeWords: RegExp): void => {
    if (looksLikeWords.test(text.replace(/^berth: /, '')) && !noWords.test(text) && !Object.hasOwn(texts, text))
      found.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text}`);
  };
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      if (tellers.has(nameOf(node.expression)))
        for (const given of node.arguments ?? []) lookAtShown(given, (each, text) => note(each, text, sentence));
    } else if (ts.isPropertyAssignment(node) && isShownField(node.name.getText(file), name))
      lookAtShown(node.initializer, (each, text) => note(each, text, word));
    ts.forEachChild(node, look);
  };
  look(file);
  return [...new Set(found)];
}

function isShownField(field: string, file: string): boolean {
  return shownFields.has(field) || (field === labels && file.startsWith('electron/'));
}

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** What is said from the catalogue is left out, and what is only compared with. */
function lookAtShown(node: ts.Node, note: (node: ts.Node, text: string) => void): void {
  if (ts.isCallExpression(node) && nameOf(node.expression) === 'say') return;
  if (ts.isBinaryExpression(node) && comparisons.has(node.operatorToken.kind)) return;
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return note(node, node.text);
  if (ts.isTemplateExpression(node))
    note(node, [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('…'));
  ts.forEachChild(node, (child) => lookAtShown(child, note));
}

function nameOf(called: ts.Expression): string {
  if (ts.isIdentifier(called)) return called.text;
  return ts.isPropertyAccessExpression(called) ? called.name.text : '';
}
