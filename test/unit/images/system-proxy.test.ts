// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemProxy } from '../../../native-helper/images/download/system-proxy.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'berth-environment-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ['http_proxy=http://proxy.example:3128', { proxy: 'http://proxy.example:3128' }],
  [
    'PATH="/usr/bin"\nexport HTTPS_PROXY="http://a:b@proxy:1"\nhttp_proxy=http://other:2\nNO_PROXY=\'localhost,.example\' # all',
    { proxy: 'http://a:b@proxy:1', noProxy: 'localhost,.example' },
  ],
  ['https_proxy=proxy.example:3128', { proxy: 'proxy.example:3128' }],
  ['# http_proxy=http://old\nhttp_proxy=\nno_proxy=localhost', {}],
  ['', {}],
])('%j', async (text, expected) => {
  const file = path.join(directory, 'environment');
  writeFileSync(file, text);
  expect(await systemProxy(file, {})).toEqual(expected);
});

test('what the helper was started with counts first, and a file that is not there is no fault', async () => {
  writeFileSync(path.join(directory, 'environment'), 'http_proxy=http://file:1');
  expect(await systemProxy(path.join(directory, 'environment'), { HTTPS_PROXY: 'http://own:1' })).toEqual({});
  expect(await systemProxy(path.join(directory, 'absent'), {})).toEqual({});
});
