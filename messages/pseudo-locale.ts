// SPDX-License-Identifier: MIT
import type { IntlMessageFormat } from 'intl-messageformat';

/** A parsed message: pieces of text, places, choices with messages in them, tags with a message in them. */
type Message = ReturnType<IntlMessageFormat['getAst']>;
type Piece = Message[number];

/**
 * English with accents on its letters, in brackets, as Windows and Android have it: what a program shows without them
 * is in no catalogue, and what ends before its bracket was cut off.
 */
export const pseudoLocale = 'en-XA';

export function inPseudoLocale(message: Message): Message {
  return [literal('⟦'), ...accented(message), literal('⟧')];
}

function accented(message: Message): Message {
  return message.map((piece): Piece => {
    if ('options' in piece) return { ...piece, options: accentedChoices(piece.options) } as Piece;
    if ('children' in piece) return { ...piece, children: accented(piece.children) };
    return isLiteral(piece) ? literal(withAccents(piece.value)) : piece;
  });
}

function accentedChoices(choices: Readonly<Record<string, { readonly value: Message }>>) {
  return Object.fromEntries(
    Object.entries(choices).map(([choice, inner]) => [choice, { ...inner, value: accented(inner.value) }]),
  );
}

type Literal = Extract<Piece, { type: 0 }>;

function literal(value: string): Piece {
  return { type: 0, value } as Literal;
}

function isLiteral(piece: Piece): piece is Literal {
  return (piece.type as number) === 0;
}

const plain = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const withAccent = 'áƀçďéƒğĥíĵķłɱñóþɋřšťúṽŵẋýžÁƁÇĎÉƑĞĤÍĴĶŁṀÑÓÞɊŘŠŤÚṼŴẊÝŽ';

function withAccents(text: string): string {
  return text.replaceAll(/[A-Za-z]/g, (letter) => withAccent.charAt(plain.indexOf(letter)));
}
