// SPDX-License-Identifier: MIT
import crypto, { createSecretKey, type CipherKey, type KeyObject } from 'node:crypto';
import type * as ssh2 from 'ssh2';

/**
 * The SSH library, for a process that does nothing else.
 *
 * Without its native part, which needs the headers of the very Node that runs, it makes a new cipher for each part of a
 * packet and names the key as a buffer. Node 24 takes 35 µs to find out that a buffer is no KeyObject, six times for a
 * question and its answer; with a KeyObject a cipher takes 2 µs. So it gets, before its loading, functions that make
 * the KeyObject once.
 */
export async function loadSsh2(): Promise<typeof ssh2> {
  const { createCipheriv, createDecipheriv, createHmac } = crypto;
  const keys = new WeakMap<object, KeyObject>();
  const once = <Key>(key: Key): Key | KeyObject => {
    if (!Buffer.isBuffer(key)) return key;
    const known = keys.get(key) ?? createSecretKey(key);
    keys.set(key, known);
    return known;
  };
  Object.assign(crypto, {
    createCipheriv: (algorithm: string, key: CipherKey, ...rest: [never]) =>
      createCipheriv(algorithm, once(key), ...rest),
    createDecipheriv: (algorithm: string, key: CipherKey, ...rest: [never]) =>
      createDecipheriv(algorithm, once(key), ...rest),
    createHmac: (algorithm: string, key: CipherKey) => createHmac(algorithm, once(key)),
  });
  // a CommonJS package
  const { default: library } = (await import('ssh2')) as unknown as { readonly default: typeof ssh2 };
  return library;
}
