// SPDX-License-Identifier: MIT
import { Document, Scalar, visit } from 'yaml';
import { unicodeEscape, visibleText, withoutUnseen } from '#contract/visible-text.ts';

/**
 * YAML 1.2 with the keys of the JSON. Lines are never folded and nothing is aliased, so that line tools can read it.
 * What a terminal obeys, or people do not see, is escaped, which YAML knows between double quotes only.
 */
export function renderYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && hasUnseen(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
  return withoutUnseen(text, (character) => (isHarmless(character) ? character : unicodeEscape(character)));
}

function hasUnseen(text: string): boolean {
  const rest = text.replaceAll(/[\n\t]/g, '');
  return visibleText(rest) !== rest;
}

/** YAML keeps line breaks and tabs of a text in blocks and plain words. */
function isHarmless(character: string): boolean {
  return character === '\n' || character === '\t';
}
