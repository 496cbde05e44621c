// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { HelperError } from '../../../native-helper/core/errors.ts';
import { withoutSecrets } from '../../../native-helper/core/without-secrets.ts';

const secret = '-----BEGIN OPENSSH PRIVATE KEY-----';

it.each([
  ['at the top', { privateKey: secret }],
  ['in an object', { launch: { params: { userData: secret, memoryBytes: 1 } } }],
  ['in a list of objects', { asked: [{ a: [{ userDataBase64: secret }] }] }],
  ['in a map', { kept: new Map([['one', { token: secret }]]) }],
  ['in a set', { kept: new Set([{ Password: secret }]) }],
  ['in the parameters of an error', { err: new HelperError('internal.bug', { reason: 'x', privateKey: secret }) }],
  [
    'in an error of an error',
    { err: Object.assign(new Error('x'), { why: Object.assign(new Error('y'), { secret }) }) },
  ],
  ['in bytes', { content: Buffer.from(secret) }],
])('a secret %s is kept back', (_, logged) => {
  const text = JSON.stringify(withoutSecrets(logged));
  expect(text).not.toContain(secret);
  expect(text).not.toContain(Buffer.from(secret).toJSON().data.slice(0, 8).join(','));
});

it('everything else is told, and what was given is not changed', () => {
  const given = {
    name: 'web',
    at: new Date(0),
    url: new URL('http://a/'),
    list: [1, 'two', null],
    privateKey: secret,
    deep: { is: true },
  };
  expect(withoutSecrets(given)).toEqual({
    name: 'web',
    at: '1970-01-01T00:00:00.000Z',
    url: 'http://a/',
    list: [1, 'two', null],
    privateKey: '[kept back]',
    deep: { is: true },
  });
  expect(given.privateKey).toBe(secret);
});

it('an error keeps its kind, its words and where it came from', () => {
  const told = withoutSecrets({ err: new HelperError('internal.bug', { reason: 'of a test' }) });
  expect(told['err']).toMatchObject({ type: 'HelperError', code: 'internal.bug', params: { reason: 'of a test' } });
  expect((told['err'] as { readonly stack: string }).stack).toContain('without-secrets.test.ts');
});

it('what holds itself and what has no end of levels come to an end', () => {
  const round: Record<string, unknown> = { name: 'round' };
  round['self'] = { round };
  expect(withoutSecrets(round)).toEqual({ name: 'round', self: { round: '[holds itself]' } });
  let deep: object = { privateKey: secret };
  for (let level = 0; level < 100; level += 1) deep = { deep };
  expect(JSON.stringify(withoutSecrets(deep))).toContain('[too deep]');
});
