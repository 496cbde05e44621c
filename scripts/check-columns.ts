// SPDX-License-Identifier: MIT
// A line of code fits a screen. oxfmt breaks what it can; what is left is comments and texts. A text, a
// template or a regular expression may be longer: broken, it could not be searched for.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './lib/paths.ts';

const columns = 120;
/** Shorter texts are no reason for a long line. */
const longTextLength = 40;

const tooLong = sources().flatMap((file) => longLines(file).map((line) => `${file}:${line}`));
if (tooLong.length > 0) {
  process.stderr.write(
    `${tooLong.length} lines of more than ${columns} columns:\n${tooLong.slice(0, 20).join('\n')}\n`,
  );
  process.exitCode = 1;
}

function sources(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => file !== '' && fs.existsSync(path.join(root, file)));
}

/** The numbers of the lines of a file that are too long without a reason. */
function longLines(file: string): readonly number[] {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  const long = text.split('\n').flatMap((line, index) => (line.length > columns ? [index] : []));
  if (long.length === 0) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const excused = linesOfTexts(source);
  return long.filter((line) => !excused.has(line)).map((line) => line + 1);
}

function linesOfTexts(source: ts.SourceFile): ReadonlySet<number> {
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (isText(node) && node.getWidth(source) >= longTextLength) {
      const from = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const to = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      for (let line = from; line <= to; line += 1) lines.add(line);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}

function isText(node: ts.Node): boolean {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateExpression(node) ||
    ts.isRegularExpressionLiteral(node) ||
    ts.isJsxText(node)
  );
}
