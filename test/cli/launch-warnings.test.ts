// SPDX-License-Identifier: MIT
import { afterEach, expect, test } from 'vitest';
import type { SystemInfo } from '#contract/system.ts';
import { HelperError } from '../../native-helper/core/errors.ts';
import { RpcRig } from '../integration/rpc/rpc-rig.ts';
import { runBerth } from './run-berth.ts';

let rig: RpcRig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

test('a launch that goes on is no failure where the memory cannot be asked for afterwards', async () => {
  let asked = 0;
  rig = await RpcRig.start({
    handlers: {
      'instances.launch': async () => ({ operationId: 'op-0123456789', target: 'web', sequence: 0 }),
      'system.info': async () => {
        asked += 1;
        throw new HelperError('internal.bug', { reason: 'of a test' });
      },
    },
  });
  const args = ['launch', 'tiny', '--name', 'web', '--memory', '256M', '--no-wait'];
  const { exitCode, stdout, stderr } = await runBerth(rig.files.runDirectory, args);
  expect([exitCode, stdout.toString(), stderr, asked]).toEqual([0, 'web\n', '', 1]);
});

test.each([
  [['--cpus', '3'], ''],
  [
    ['--cpus', '64'],
    'Warning: --cpus 64 is more than the 4 processors of this computer: the instance will be slower, not faster.\n',
  ],
  [
    ['--memory', '9G'],
    'Warning: --memory 9 GiB is more than this computer has (8 GiB): it will be slow where the instance uses it, or be ended.\n',
  ],
])('a launch with %j says what is more than the computer has', async (options, warning) => {
  rig = await RpcRig.start({
    handlers: {
      'instances.launch': async () => ({ operationId: 'op-0123456789', target: 'web', sequence: 0 }),
      'system.info': async () => computer,
    },
  });
  const { exitCode, stderr } = await runBerth(rig.files.runDirectory, ['launch', 'tiny', ...options, '--no-wait']);
  expect([exitCode, stderr]).toEqual([0, warning]);
});

const computer: SystemInfo = {
  version: '0.1.0',
  protocol: 1,
  bootId: 'a',
  pid: 1,
  architecture: 'x86_64',
  hostCpus: 4,
  hostMemoryBytes: 8 * 1024 ** 3,
  freeDiskBytes: 1024 ** 4,
  checks: [],
  caller: { uid: 0, gid: 0 },
};
