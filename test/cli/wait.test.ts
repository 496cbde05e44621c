// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandContext, type CommandContext } from '../../cli/command-context.ts';
import { wait } from '../../cli/commands/wait.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { storeStopped } from '../support/stopped-instances.ts';
import { runBerth } from './run-berth.ts';

const owner = { uid: 0, gid: 0 };
let helper: HelperProcess;

beforeAll(async () => {
  helper = await startHelper();
  await helper.terminate();
  await storeStopped(helper, [
    { name: 'early', owner },
    { name: 'late', owner },
    { name: 'binned', owner },
  ]);
  await helper.restart();
});
afterAll(async () => await helper?.stop());

const berth = (...args: string[]) => runBerth(helper.runDirectory, args, { hangMs: 30_000 });

test.each([
  ['early', 'events.subscribe'],
  ['late', 'instances.info'],
])('%s is purged just before %s is asked, and nobody waits for it', async (name, when) => {
  const client = new InstanceClient(await helper.connect());
  const connection = await helper.connect();
  const going = wait(contextOf(asking(connection, when, purge)), name, { for: 'ready', timeout: 20 });
  await expect(going).rejects.toMatchObject({ data: { code: 'instance.not-found' } });
  client.connection.close();
  connection.close();

  async function purge(): Promise<void> {
    expectSuccess(await client.run('instances.delete', name));
    expectSuccess(await client.run('instances.purge', name));
  }
});

test('one in the trash is stopped, and does not become ready by waiting', async () => {
  expect((await berth('delete', 'binned')).exitCode).toBe(0);
  expect(await berth('wait', 'binned', '--for', 'stopped')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await berth('wait', 'binned')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/binned is deleted, so it cannot become ready\.[^]*berth recover binned/),
  });
  expect(await berth('wait', 'binned', '--for', 'address')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('it cannot get an address'),
  });
});

function contextOf(connection: HelperConnection): CommandContext {
  return { ...commandContext({ runDir: helper.runDirectory }), connect: async () => await Promise.resolve(connection) };
}

/** The same connection, on which something else happens before a request. */
function asking(connection: HelperConnection, when: string, first: () => Promise<void>): HelperConnection {
  const request: HelperConnection['request'] = async (method, ...rest) => {
    if (method === when) await first();
    return await connection.request(method, ...rest);
  };
  return new Proxy(connection, {
    get: (target, key) => {
      if (key === 'request') return request;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
