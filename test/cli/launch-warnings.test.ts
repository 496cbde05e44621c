// SPDX-License-Identifier: MIT
import { afterEach, expect, test } from 'vitest';
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
