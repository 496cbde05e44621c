// SPDX-License-Identifier: MIT
import * as crypto from 'node:crypto';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { loadSsh2 } from '../../../native-helper/guest/load-ssh2.ts';

it('loads the library once and leaves the functions of Node as they were', () => {
  const { createCipheriv, createDecipheriv, createHmac } = crypto;
  const ssh2 = loadSsh2();
  expect(loadSsh2()).toBe(ssh2);
  expect(ssh2.Client).toBeTypeOf('function');
  expect(createRequire(import.meta.url)('node:crypto')).toMatchObject({ createCipheriv, createDecipheriv, createHmac });
});
