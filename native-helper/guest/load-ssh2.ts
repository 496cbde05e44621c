// SPDX-License-Identifier: MIT
import crypto, { createSecretKey, type CipherKey, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as ssh2 from 'ssh2';

type Ssh2 = typeof ssh2;

let loaded: Ssh2 | undefined;

/**
 * The SSH library, loaded at its first use: it is the largest package of the helper, and an idle helper needs none of it.
 *
 * Without its native part, which needs the headers of the very Node that runs, it makes a new cipher for each part of a packet
 * and names the key as a buffer. Node 24 takes 35 µs to find out that a buffer is no KeyObject, six times for a question and its
 * answer; with a KeyObject a cipher takes 2 µs. So the library gets, at its loading, functions that make the KeyObject once.
 */
export function loadSsh2(): Ssh2 {
  if (loaded) return loaded;
  const { createCipheriv, createDecipheriv, createHmac } = crypto;
  const keys = new WeakMap<object, KeyObject>();
  const once = <Key>(key: Key): Key | KeyObject => {
    if (!Buffer.isBuffer(key)) return key;
    const known = keys.get(key) ?? createSecretKey(key);
    keys.set(key, known);
    return known;
  };
  const quick = {
    createCipheriv: (algorithm: string, key: CipherKey, ...rest: [never]) => createCipheriv(algorithm, once(key), ...rest),
    createDecipheriv: (algorithm: string, key: CipherKey, ...rest: [never]) => createDecipheriv(algorithm, once(key), ...rest),
    createHmac: (algorithm: string, key: CipherKey) => createHmac(algorithm, once(key)),
  };
  try {
    Object.assign(crypto, quick);
    loaded = createRequire(import.meta.url)('ssh2') as Ssh2; // in this very turn: nobody else sees them
  } finally {
    Object.assign(crypto, { createCipheriv, createDecipheriv, createHmac });
  }
  return loaded;
}
