// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { HelperError } from '../../../native-helper/core/errors.ts';
import { withoutSecrets, withoutUrlSecrets } from '../../../native-helper/core/without-secrets.ts';

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

it.each(
  'private_key Authorization proxy-authorization cookie set-cookie passwd http_proxy tokens accessToken API_KEY'.split(
    ' ',
  ),
)('a field %s is kept back', (name) => {
  expect(withoutSecrets({ asked: { [name]: secret } })).toEqual({ asked: { [name]: '[kept back]' } });
});

it.each([
  ['Could not download https://a.example/x.img?token=SECRET: refused', 'https://a.example/x.img?token='],
  ['https://mia:SECRET@a.example/x', 'https://a.example/x'],
  ['of HTTPS://mia:SE@CRET@a.example:8443/x, twice: ftp://SECRET@b/y', 'HTTPS://a.example:8443/x, twice: ftp://b/y'],
  ['https://a.example/?SECRET#SECRET', 'https://a.example/?[kept back]#[kept back]'],
  ['https://a.example/?a=SECRET&b=SECRET;c=SECRET#d=SECRET', '?a=[kept back]&b=[kept back];c=[kept back]#d='],
])('of a URL in %s nothing is told that lets in', (text, told) => {
  for (const logged of [{ text }, { list: [text] }, { err: new Error(text) }, { err: new Error('x', { cause: text }) }])
    expect(JSON.stringify(withoutSecrets(logged))).not.toMatch(/SECRET|CRET@/);
  expect(withoutUrlSecrets(text)).toContain(told);
  expect(JSON.parse(withoutUrlSecrets(JSON.stringify({ text, next: `"${text}\n"` })))).toMatchObject({
    text: expect.stringContaining(told),
  });
});

it('a text without such a URL is told as it is', () => {
  for (const text of ['what? a=b & c@d', 'https://a.example/x@y/z.img', '/run/berth?x=1', 'a: //b@c'])
    expect(withoutUrlSecrets(text)).toBe(text);
});

it('what throws when it is read is told as such, and the rest beside it', () => {
  const fault = (): never => {
    throw new Error('of a test');
  };
  const logged = { one: 1, toJson: { toJSON: fault }, proxied: new Proxy({}, { ownKeys: fault }), last: [2] };
  Object.defineProperty(logged, 'read', { get: fault, enumerable: true });
  expect(withoutSecrets(logged)).toEqual({
    one: 1,
    toJson: '[cannot be read]',
    proxied: {},
    last: [2],
    read: '[cannot be read]',
  });
});
