// SPDX-License-Identifier: MIT A helper in a network of its own, as `./run start --private-network` has it, that ends
// while a machine runs in that network.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { helperBundle, root } from '../../../scripts/lib/paths.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';

const ownNetwork = ['unshare', '--net', '--'];
let helper: HelperProcess;

afterEach(async () => await helper?.stop());

const networkOf = async (pid: number): Promise<string> => await readlink(`/proc/${pid}/ns/net`);

/** The machine of an instance whose guest was launched to its end. */
async function machine(): Promise<number> {
  const client = new InstanceClient(await helper.connect());
  expect(await client.launch('one')).toMatchObject({ state: 'succeeded' });
  const { pid } = await client.connection.request('instances.info', { name: 'one' as never });
  return pid ?? 0;
}

test('where helper and machine came to be in two networks, an uninstallation goes through both and ends', async () => {
  helper = await startHelper({ within: ownNetwork });
  const pid = await machine();
  const first = await networkOf(helper.pid);
  await helper.kill9();
  await helper.restart(); // in one more network
  expect(await networkOf(helper.pid)).not.toBe(first);
  const asked = spawnSync(
    process.execPath,
    [
      helperBundle,
      '--uninstall',
      '--keep-data',
      '--state-dir',
      helper.stateDirectory,
      '--run-dir',
      helper.runDirectory,
      '--config-dir',
      helper.configDirectory,
    ],
    { encoding: 'utf8', timeout: 100_000 },
  );
  expect(asked).toMatchObject({ status: 0, stderr: '' });
  await expect(networkOf(pid)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await hostTraces(helper)).toMatchObject({ machines: [], machineDirectories: [] });
});

test('the next start in a private network joins that of the machines, which answer it', async () => {
  helper = await startHelper({ within: ownNetwork });
  await machine();
  const first = await networkOf(helper.pid);
  await helper.kill9();
  const { runDirectory, stateDirectory, configDirectory } = helper;
  const words = [
    path.join(root, 'scripts/supervise-helper.ts'),
    '--private-network-of',
    runDirectory,
    '--',
    process.execPath,
    helperBundle,
    '--state-dir',
    stateDirectory,
    '--run-dir',
    runDirectory,
    '--config-dir',
    configDirectory,
    '--group',
    'root',
    '--accelerator',
    'tcg',
  ];
  const supervisor = spawn(process.execPath, words, { stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    const connection = await untilServed(supervisor);
    const { pid = 0 } = await connection.request('instances.info', { name: 'one' as never });
    expect(await networkOf(pid)).not.toBe(first); // QEMU has none
    expect(await new InstanceClient(connection).exec('one', 'echo', 'here')).toMatchObject({
      stdout: 'here\n',
      exitCode: 0,
    });
  } finally {
    supervisor.stdin?.end();
    await once(supervisor, 'exit');
  }
});

async function untilServed(supervisor: ChildProcess): ReturnType<HelperProcess['connect']> {
  for (;;) {
    if (supervisor.exitCode !== null) throw new Error(`the helper ended: ${supervisor.exitCode}`);
    const connection = await helper.connect().catch(() => undefined);
    if (connection) return connection;
  }
}
