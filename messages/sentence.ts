// SPDX-License-Identifier: MIT
import type { TextId, Texts } from './en/index.ts';

/** What stands in a place of a message: a name or number as it is, or a sentence of its own. */
export type Value = string | number | ToldSentence;
export type Values = Readonly<Record<string, Value>>;

/** A message with what stands in its places, as it is told: its words are chosen where it is shown. */
export interface ToldSentence {
  /** Of the catalogue, or of one of a later version. */
  readonly id: string;
  readonly values?: Values | undefined;
}

/** One that this version has. */
export interface Sentence extends ToldSentence {
  readonly id: TextId;
}

/** The places of a message, `{name}`; where it has plural forms or choices, any. */
type PlaceIn<Message extends string> = Message extends `${string}{${infer Place}}${infer Rest}`
  ? (Place extends `${string}${' ' | ','}${string}` ? string : Place) | PlaceIn<Rest>
  : never;

/** What has to be given with a message: nothing where it has no places. */
export type ValuesOf<Message extends string> = [PlaceIn<Message>] extends [never]
  ? []
  : [values: string extends PlaceIn<Message> ? Values : { readonly [place in PlaceIn<Message>]: Value }];

/**
 * A message for whoever shows it: it is said there, by `saySentence`. It stands apart from the catalogue, so that small
 * programs of the helper need not carry all words.
 */
export function sentence<Id extends TextId>(id: Id, ...values: ValuesOf<Texts[Id]>): Sentence {
  return values[0] === undefined ? { id } : { id, values: values[0] };
}
