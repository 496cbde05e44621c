// SPDX-License-Identifier: MIT
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OperationId } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { ruleFor, type ModeRule, type Owner } from '../../native-helper/store/modes.ts';
import { runCommand } from '../integration/hypervisor/fixture.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { forMembers, stranger } from '../support/people.ts';

let helper: HelperProcess;
let client: HelperConnection;
let machineUid: number;
let imported: string | undefined;
beforeAll(async () => {
  helper = await startHelper({ args: forMembers });
  client = await helper.connect();
  const folder = path.join(path.dirname(helper.stateDirectory), 'shared');
  await mkdir(folder);
  await writeFile(path.join(folder, 'file'), '');
  const base = path.join(path.dirname(helper.stateDirectory), 'mine.qcow2');
  await runCommand('qemu-img', ['create', '-q', '-f', 'qcow2', base, '16M']);
  await succeeds(
    await client.request('images.import', { path: base, alias: 'mine', defaultUser: 'me', format: 'qcow2' }),
  );
  imported = (await client.request('images.list', {})).find(({ origin }) => origin === 'imported')?.fingerprint;
  expect(imported).toBeDefined();
  await succeeds(
    await client.request('instances.launch', { name: 'guest', image: 'tiny', isAllowedWithoutAppArmor: true }),
  );
  await client.request('mounts.add', { name: 'guest', source: folder, target: '/shared' });
  machineUid = (await lstat(path.join(helper.stateDirectory, 'instances/guest/disk.qcow2'))).uid;
}, 240_000);
afterAll(async () => {
  client.close();
  await helper.stop();
});

it('each entry of state and run directory is whose the table says, with its mode', async () => {
  const wrong: string[] = [];
  for (const tree of ['state', 'run'] as const) {
    for (const name of await namesBelow(tree)) {
      const rule = ruleFor(tree, name);
      const { uid, gid, mode } = await lstat(path.join(directoryOf(tree), name));
      const seen = `${tree}/${name}: ${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
      if (rule === undefined) wrong.push(`${seen}, which is in no rule`);
      else if (!isOwner(rule.owner, uid) || (mode & 0o7777) !== modeOf(rule, name))
        wrong.push(`${seen}, not ${rule.owner} ${modeOf(rule, name).toString(8)}`);
    }
  }
  expect(wrong).toEqual([]);
});

it('a stranger opens nothing that the table does not give to everybody', async () => {
  for (const tree of ['state', 'run'] as const) {
    const isPrivate = (name: string): boolean => {
      const rule = ruleFor(tree, name);
      return rule === undefined || (modeOf(rule, name) & 0o004) === 0;
    };
    const names = (await namesBelow(tree)).filter(isPrivate);
    expect(names).not.toEqual([]);
    const script = 'for file do [ ! -r "$file" ] || printf "%s\\n" "$file"; done';
    const { stdout } = await runCommand('setpriv', [
      '--reuid',
      String(stranger.uid),
      '--regid',
      String(stranger.gid),
      '--clear-groups',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      ...names.map((name) => path.join(directoryOf(tree), name)),
    ]);
    expect(stdout).toBe('');
  }
});

async function succeeds({ operationId }: { readonly operationId: OperationId }): Promise<void> {
  expectSuccess(await client.request('operations.wait', { id: operationId }));
}

it("a purge leaves nothing of the machine's user behind", async () => {
  await succeeds(await client.request('instances.stop', { name: 'guest', force: true }));
  await succeeds(await client.request('instances.delete', { name: 'guest' }));
  await succeeds(await client.request('instances.purge', { name: 'guest' }));
  const { stdout } = await runCommand('find', [helper.stateDirectory, helper.runDirectory, '-uid', String(machineUid)]);
  expect(stdout).toBe('');
});

/** An image's digest tells whether it is the import. */
function modeOf({ mode, importMode }: ModeRule, name: string): number {
  return importMode !== undefined && name.split('/')[1] === imported ? importMode : mode;
}

function directoryOf(tree: 'state' | 'run'): string {
  return tree === 'state' ? helper.stateDirectory : helper.runDirectory;
}

async function namesBelow(tree: 'state' | 'run'): Promise<string[]> {
  return (await readdir(directoryOf(tree), { recursive: true })).toSorted();
}

function isOwner(owner: Owner, uid: number): boolean {
  switch (owner) {
    case 'root':
      return uid === 0;
    case 'machine':
      return uid === machineUid;
    case 'dnsmasq':
      return uid !== 0 && uid !== machineUid;
    default:
      return owner satisfies never;
  }
}
