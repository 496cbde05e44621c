// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Envelope } from '#contract/desktop.ts';
import { methods } from '#contract/methods.ts';
import { LinkError } from '../../../electron/link/error-data.ts';
import { createRouter } from '../../../electron/link/router.ts';

interface Forwarded {
  readonly method: string;
  readonly params: unknown;
}

function routerWithRecord(answer: () => unknown = () => 'answer'): {
  route: ReturnType<typeof createRouter>;
  forwarded: Forwarded[];
} {
  const forwarded: Forwarded[] = [];
  const route = createRouter({
    request: async (method, params) => {
      forwarded.push({ method, params });
      return answer();
    },
    admit: () => Promise.resolve(),
    appMethods: { 'app.echo': { params: z.strictObject({ text: z.string() }), run: async (params) => params } },
  });
  return { route, forwarded };
}

function codeOf(envelope: Envelope): string {
  return envelope.ok ? 'ok' : envelope.error.code;
}

describe('router', () => {
  test('forwards a method of the table with its checked parameters', async () => {
    const { route, forwarded } = routerWithRecord();
    expect(await route('instances.stop', { name: 'web' })).toEqual({ ok: true, value: 'answer' });
    expect(forwarded).toEqual([{ method: 'instances.stop', params: { name: 'web', force: false } }]);
  });

  test.each([
    'nope',
    'toString',
    '__proto__',
    'constructor',
    'system.hello',
    'events.subscribe',
    'app.nope',
    '',
    7,
    null,
    { toString: 'x' },
  ])('refuses the method %j', async (method) => {
    const { route, forwarded } = routerWithRecord();
    expect(codeOf(await route(method, {}))).toBe('request.unsupported');
    expect(forwarded).toEqual([]);
  });

  test.each([
    [undefined, 'local'],
    ['other', 'other'],
  ])('asks of the host that is named, %j', async (host, asked) => {
    const hosts: string[] = [];
    const route = createRouter({
      request: async (_method, _params, on) => await Promise.resolve(hosts.push(on)),
      admit: async (_method, _params, on) => void (await Promise.resolve(hosts.push(on))),
      appMethods: {
        'app.host': { params: z.strictObject({}), run: async (_, on) => await Promise.resolve(hosts.push(on)) },
      },
    });
    expect(codeOf(await route('instances.stop', { name: 'web' }, host))).toBe('ok');
    expect(codeOf(await route('app.host', {}, host))).toBe('ok');
    expect(hosts).toEqual([asked, asked, asked, asked]);
  });

  test.each(['', '__proto__', 'No Host', '../x', 7, null, {}])('refuses the host %j', async (host) => {
    const { route, forwarded } = routerWithRecord();
    expect(codeOf(await route('instances.stop', { name: 'web' }, host))).toBe('request.invalid');
    expect(codeOf(await route('app.echo', { text: 'x' }, host))).toBe('request.invalid');
    expect(forwarded).toEqual([]);
  });

  test('names the field of a wrong parameter', async () => {
    const { route, forwarded } = routerWithRecord();
    const envelope = await route('instances.launch', { name: 'Not A Name', image: 'tiny' });
    expect(envelope).toMatchObject({ ok: false, error: { code: 'request.invalid', params: { field: 'name' } } });
    expect(forwarded).toEqual([]);
  });

  test('refuses unknown fields in every method', async () => {
    const { route, forwarded } = routerWithRecord();
    for (const method of Object.keys(methods)) expect(codeOf(await route(method, { surplus: 1 }))).not.toBe('ok');
    expect(forwarded).toEqual([]);
  });

  test('refuses parameters beyond the wire limit before looking at them', async () => {
    const { route, forwarded } = routerWithRecord();
    const envelope = await route('instances.launch', { image: 'tiny', userData: 'x'.repeat(1024 * 1024) });
    expect(envelope).toMatchObject({ ok: false, error: { code: 'request.too-large', params: { limit: 1024 * 1024 } } });
    expect(forwarded).toEqual([]);
  });

  test('refuses what is no JSON', async () => {
    const { route } = routerWithRecord();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(codeOf(await route('instances.list', circular))).toBe('request.invalid');
    expect(codeOf(await route('instances.list', { big: 1n }))).toBe('request.invalid');
  });

  test('answers methods of the application itself', async () => {
    const { route, forwarded } = routerWithRecord();
    expect(await route('app.echo', { text: 'hello' })).toEqual({ ok: true, value: { text: 'hello' } });
    expect(codeOf(await route('app.echo', { text: 1 }))).toBe('request.invalid');
    expect(forwarded).toEqual([]);
  });

  test("gives the helper's error as it is and any other as a defect", async () => {
    const known = routerWithRecord(() => {
      throw new LinkError('instance.not-found', { name: 'web' });
    });
    expect(await known.route('instances.list', {})).toMatchObject({
      ok: false,
      error: { code: 'instance.not-found', params: { name: 'web' } },
    });
    const unknown = routerWithRecord(() => {
      throw new TypeError('x is not a function');
    });
    expect(await unknown.route('instances.list', {})).toMatchObject({
      ok: false,
      error: { code: 'internal.bug', params: { reason: 'x is not a function' } },
    });
  });
});
