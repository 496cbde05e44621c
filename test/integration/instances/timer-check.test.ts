// SPDX-License-Identifier: MIT
// A kernel that gets no tick of the timer in time, as on a busy computer: the machine has no timer at all here, which
// is the worst of it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { seedImages } from '../../../scripts/lib/paths.ts';

const name = instanceName.parse('late');
const withoutTimer = ['-machine', 'pit=off'];
let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch(name));
  await client.run('instances.stop', name, { force: true });
});
afterAll(async () => {
  await helper?.stop();
});

test('a kernel that looks for its timer is begun anew, eight times, and then its panic is told', async () => {
  const { commandLine = '' } = JSON.parse(await readFile(path.join(seedImages, 'tiny', 'image.json'), 'utf8')) as {
    commandLine?: string;
  };
  expect(commandLine).toContain(' no_timer_check ');
  await give([...withoutTimer, '-append', commandLine.replace(' no_timer_check ', ' ')]);
  expect(await client.run('instances.start', name)).toMatchObject({
    state: 'failed',
    error: {
      code: 'guest.kernel-panic',
      phase: 'kernel',
      params: { reason: expect.stringContaining("IO-APIC + timer doesn't work") },
    },
  });
  const printed = await client.console(name, (text) => bootsIn(text) === 9 && text.trimEnd().endsWith('---'));
  expect(bootsIn(printed)).toBe(9);
  await client.run('instances.stop', name, { force: true });
});

test('a kernel of an image that is made here does not look for it, and goes on', async () => {
  await give(withoutTimer);
  expectSuccess(await client.run('instances.start', name));
  const { stdout } = await client.exec(name, 'cat', '/proc/cmdline');
  expect(stdout).toContain(' no_timer_check ');
  await client.run('instances.stop', name, { force: true });
});

async function give(args: readonly string[]): Promise<void> {
  await client.connection.request('instances.set-security', { name, qemu: { args: [...args], env: {} } });
}

function bootsIn(text: string): number {
  return text.split('Linux version ').length - 1;
}
