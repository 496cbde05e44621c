// SPDX-License-Identifier: MIT
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, expect, it } from 'vitest';
import { loadSsh2 } from '../../../native-helper/guest/ssh-process/load-ssh2.ts';

const crypto = createRequire(import.meta.url)('node:crypto') as object;
afterAll(() => {
  Object.assign(crypto, { createCipheriv, createDecipheriv, createHmac });
});

it('loads the library, which makes the same ciphers as before', async () => {
  expect((await loadSsh2()).Client).toBeTypeOf('function');
  const [key, nonce] = [randomBytes(16), randomBytes(16)];
  const { createCipheriv: quick } = crypto as { createCipheriv: typeof createCipheriv };
  expect(quick).not.toBe(createCipheriv);
  for (let count = 0; count < 2; count += 1) {
    expect(quick('aes-128-ctr', key, nonce).update('guest')).toEqual(
      createCipheriv('aes-128-ctr', key, nonce).update('guest'),
    );
  }
});
