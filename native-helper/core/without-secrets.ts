// SPDX-License-Identifier: MIT
import { pino } from 'pino';

/** Names of fields whose values never reach a log: keys, words that let in, and the user's cloud-init document. */
const secretNames = new Set(['privatekey', 'userdata', 'userdatabase64', 'password', 'passphrase', 'token', 'secret']);
/** Deeper than anything that is logged on purpose. */
const mostDepth = 8;

/**
 * A copy of what is to be logged in which each secret field is kept back, however deep it lies. What is deeper than
 * eight levels is left out whole, and so is what holds itself.
 */
export function withoutSecrets(value: object): Record<string, unknown> {
  return fieldsOf(value, []);
}

function fieldsOf(value: object, above: readonly object[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value))
    kept[name] = secretNames.has(name.toLowerCase()) ? '[kept back]' : valueOf(field, [...above, value]);
  return kept;
}

function valueOf(value: unknown, above: readonly object[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
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
