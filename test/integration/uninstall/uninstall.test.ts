// SPDX-License-Identifier: MIT
import { execFileSync, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { access, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spawn } from 'node-pty';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProcessRef } from '../../../native-helper/core/seams/processes.ts';
import { isAlive, referTo } from '../../../native-helper/process/proc-fs.ts';
import { helperBundle } from '../../../scripts/lib/paths.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { MountClient } from '../../support/mount-client.ts';
import { SharedFolder } from '../../support/shared-folder.ts';

/**
 * The real command against a real helper whose guest has folders both ways; first while it lives, then after it died.
 */
let helper: HelperProcess;
let client: InstanceClient;
let folder: SharedFolder;
let forwardingBefore: string;
let id: string;

const forwarding = async (): Promise<string> => (await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8')).trim();
const isThere = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  forwardingBefore = await forwarding();
  folder = await SharedFolder.create();
  helper = await startHelper();
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  expectSuccess(await client.launch('one'));
  ({ id } = JSON.parse(await readFile(path.join(helper.stateDirectory, 'instances/one/instance.json'), 'utf8')) as {
    id: string;
  });
  const mounts = new MountClient(connection);
  for (const type of ['sshfs', 'virtiofs'] as const)
    expect(await mounts.add('one', folder.path, { target: `/mnt/${type}`, type })).toMatchObject({
      state: 'connected',
      transport: type,
    });
}, 120_000);
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
});

function uninstall(
  from: HelperProcess,
  ...args: readonly string[]
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [...commandLine(from), ...args], { encoding: 'utf8', timeout: 110_000 });
}

function commandLine({ stateDirectory, runDirectory, configDirectory }: HelperProcess): string[] {
  return [
    helperBundle,
    '--uninstall',
    '--state-dir',
    stateDirectory,
    '--run-dir',
    runDirectory,
    '--config-dir',
    configDirectory,
  ];
}

/** The processes of machines, servers and their children: those that live in namespaces of theirs alone. */
async function processesOfOurs(): Promise<ProcessRef[]> {
  const all = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  const named = all
    .filter((words) => [helper.runDirectory, folder.path].some((place) => words.join(' ').includes(place)))
    .map(([pid]) => pid);
  const own = new Set(
    all
      .filter(([pid, parent]) => named.includes(pid) || named.includes(parent))
      .flatMap(([pid]) => namespacesOf(pid ?? '')),
  );
  for (const shared of [...namespacesOf('self'), ...namespacesOf('1')]) own.delete(shared);
  expect(new Set([...own].map((name) => name.split(':')[0]))).toEqual(
    new Set(['ipc', 'mnt', 'net', 'pid', 'user', 'uts']),
  );
  const refs = await Promise.all(
    all.filter(([pid]) => namespacesOf(pid ?? '').some((name) => own.has(name))).map(([pid]) => referTo(Number(pid))),
  );
  return refs.filter((ref) => ref !== undefined);
}

/** None where the process is gone. */
function namespacesOf(pid: string): string[] {
  const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
  return kinds.flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
    } catch {
      return [];
    }
  });
}

/** Nothing on this computer speaks of the machine any more. */
async function expectNoTrace(...ended: readonly ProcessRef[]): Promise<void> {
  const traces = await hostTraces(helper);
  expect({ ...traces, instanceDirectories: [] }).toEqual({
    machines: [],
    taps: [],
    bridges: [],
    nftTables: [],
    instanceDirectories: [],
    machineDirectories: [],
    journal: [],
    work: [],
  });
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  expect(
    processes.filter(
      (line) =>
        line.includes(helper.runDirectory) || line.includes(helper.stateDirectory) || line.includes(folder.path),
    ),
  ).toEqual([]);
  for (const ref of ended) expect([ref, await isAlive(ref)]).toEqual([ref, false]);
  expect(
    (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .filter((line) => line.includes(path.dirname(helper.runDirectory))),
  ).toEqual([]);
  expect(execFileSync('find', ['/sys/fs/cgroup', '-path', `*berth.slice/one.${id}*`], { encoding: 'utf8' })).toBe('');
  expect(await forwarding()).toBe(forwardingBefore);
  expect(await isThere(helper.runDirectory)).toBe(false);
  expect(await isThere(path.join(helper.stateDirectory, 'profiles'))).toBe(false);
}

test('with a helper and a machine that run, all but the data goes, and the guest shuts down in good order', async () => {
  const processes = await processesOfOurs();
  const asked = uninstall(helper); // without a terminal there is nobody to ask
  expect(asked).toMatchObject({ status: 0, stderr: '' });
  expect(asked.stdout).toMatch(
    /^The helper \(process \d+\) ends\.\none: shuts down\n.*are gone\.\nKept: 1 instance \(one\) and \d+ images?, [\d.]+ \w+ in .*--remove-data takes them away\.\n$/s,
  );
  await expectNoTrace(...processes);
  const console = await readFile(path.join(helper.stateDirectory, 'instances/one/console/boot-0001.log'), 'utf8');
  expect(console).toMatch(/reboot: Power down/);
  expect(await readdir(path.join(helper.stateDirectory, 'instances'))).toEqual(['one']);
});

test('it can be repeated; on a terminal it asks, and what is not clearly wanted is not removed', async () => {
  expect(uninstall(helper, '--keep-data')).toMatchObject({ status: 0, stderr: '' });
  const pty = spawn(process.execPath, commandLine(helper), { cols: 200 });
  let output = '';
  pty.onData((text) => {
    if (!output.includes('[y/N]') && (output + text).includes('[y/N]')) pty.write('\r');
    output += text;
  });
  const exitCode = await new Promise((resolve) => pty.onExit((exit) => resolve(exit.exitCode)));
  expect(output).toMatch(
    /holds 1 instance \(one\) and \d+ images?, .*Protected instances are removed as well\..*Remove them too\? There is no way back\. .*Kept: 1 instance/s,
  );
  expect(exitCode).toBe(0);
  await expectNoTrace();
  expect(await readdir(path.join(helper.stateDirectory, 'instances'))).toEqual(['one']);
});

test('a later helper finds instance and folders, and what it left when it died goes with the data', async () => {
  await helper.restart();
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  const mounts = new MountClient(connection);
  expectSuccess(await client.run('instances.start', 'one'));
  await mounts.untilConnected('one');
  await writeFile(folder.in('back'), 'back');
  expect(await client.exec('one', 'cat', '/mnt/sshfs/back', '/mnt/virtiofs/back')).toMatchObject({
    stdout: 'backback',
  });
  await writeFile(path.join(helper.stateDirectory, 'of-somebody-else'), '');
  const processes = await processesOfOurs();
  await helper.kill9();
  // of what was refused to Berth itself, on a kernel with AppArmor
  await writeFile(path.join(helper.stateDirectory, 'denials.json'), '{}');
  const removed = uninstall(helper, '--remove-data', '--force');
  expect(removed).toMatchObject({ status: 0, stderr: '' });
  expect(removed.stdout).toMatch(/^one: is powered off\n.*\nGone with their data: 1 instance \(one\) and /s);
  await expectNoTrace(...processes);
  expect(await readdir(helper.stateDirectory)).toEqual(['of-somebody-else']);
  expect(await readdir(folder.path)).toEqual(['back']); // what was shared is the user's
}, 180_000);

test('where nothing is, it says so', async () => {
  execFileSync('rm', ['-r', helper.stateDirectory]);
  const { status, stdout } = uninstall(helper, '--remove-data');
  expect([status, stdout]).toEqual([0, expect.stringContaining('Nothing of Berth is here')]);
  expect(await isThere(helper.stateDirectory)).toBe(false);
});

test('a helper in a network of its own is found there', async () => {
  const other = await startHelper({ within: ['unshare', '--net', '--'], seedImages: false });
  try {
    const network = await readlink(`/proc/${other.pid}/ns/net`);
    expect(network).not.toBe(await readlink('/proc/self/ns/net'));
    expect(uninstall(other, '--remove-data')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^The helper \(process \d+\) ends\.\n.*are gone\.\n/s) as string,
    });
    expect([
      await isThere(other.runDirectory),
      await isThere(other.stateDirectory),
      namespacesOf('[0-9]*').includes(network),
    ]).toEqual([false, false, false]);
  } finally {
    await other.stop();
  }
});
