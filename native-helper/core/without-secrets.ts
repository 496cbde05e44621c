// SPDX-License-Identifier: MIT
import { pino } from 'pino';

/**
 * How names of fields end whose values never reach a log, in small letters alone: keys, words that let in, what may
 * hold those, and the user's cloud-init document.
 */
const secretName =
  /(?:privatekey|apikey|userdata|userdatabase64|passwords?|passwd|passphrase|tokens?|secrets?|authorization|cookies?|proxy)$/;
const keptBack = '[kept back]';
/** Deeper than anything that is logged on purpose. */
const mostDepth = 8;

/**
 * A copy of what is to be logged in which each secret field is kept back, however deep it lies, and of each URL its
 * user and the values of its query. What is deeper than eight levels is left out whole, and so is what holds itself.
 * Never throws: what cannot be read is told as such.
 */
export function withoutSecrets(value: object): Record<string, unknown> {
  return fieldsOf(value, []);
}

/**
 * A text in which URLs have no user and no password, and nothing of their query and fragment but names. It may be a
 * line of JSON, which stays one.
 */
export function withoutUrlSecrets(text: string): string {
  return text.replaceAll(
    /([a-z][a-z0-9+.-]*:\/\/)([^\s"'<>\\]*)/gi,
    (_, scheme: string, rest: string) =>
      scheme + rest.replace(/^[^/?#]*@/, '').replace(/(?<=[?#&;])[^?#&;=]*(?:=[^?#&;]*)?/g, nameOf),
  );
}

/** Of `name=value`, or of a value alone. */
function nameOf(part: string): string {
  if (part === '') return part;
  const end = part.indexOf('=');
  return end === -1 ? keptBack : `${part.slice(0, end)}=${keptBack}`;
}

function fieldsOf(value: object, above: readonly object[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const within = [...above, value];
  for (const name of orUnreadable(() => Object.keys(value), []))
    kept[name] = isSecret(name)
      ? keptBack
      : orUnreadable(() => valueOf((value as Readonly<Record<string, unknown>>)[name], within), unreadable);
  return kept;
}

function isSecret(name: string): boolean {
  return secretName.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}

const unreadable = '[cannot be read]';

/** Getters, toJSON and proxies are others' code: no line may be lost, and no caller fail, by one. */
function orUnreadable<Value>(read: () => Value, otherwise: NoInfer<Value>): Value {
  try {
    return read();
  } catch {
    return otherwise; // what it says of itself may be as bad
  }
}

function valueOf(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'string') return withoutUrlSecrets(value);
  return typeof value === 'object' && value !== null ? objectOf(value, above) : value;
}

function objectOf(value: object, above: readonly object[]): unknown {
  if (above.includes(value)) return '[holds itself]';
  if (above.length >= mostDepth) return '[too deep]';
  if (value instanceof Error) return fieldsOf(pino.stdSerializers.err(value), above);
  if (Array.isArray(value)) return value.map((item) => valueOf(item, [...above, value]));
  if (value instanceof Map) return fieldsOf(Object.fromEntries(value), [...above, value]);
  if (value instanceof Set) return [...value].map((item) => valueOf(item, [...above, value]));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return valueOf(value.toJSON(), [...above, value]);
  return fieldsOf(value, above);
}
