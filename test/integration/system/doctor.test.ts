// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostCheck, type HostCheck } from '#contract/system.ts';
import { QuotaFile } from '../../../native-helper/confinement/administrator/quotas.ts';
import { HostSecurity } from '../../../native-helper/confinement/host-security.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import type { Surroundings } from '../../../native-helper/system/checks/surroundings.ts';
import { checks as table, examineHost } from '../../../native-helper/system/doctor.ts';
import { propagationOf } from '../../../native-helper/system/propagation.ts';

const run = promisify(execFile);
const signal = AbortSignal.timeout(60_000);
let directory: string;
let checks: readonly HostCheck[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-doctor-'));
  checks = await examineHost(surroundings(), signal);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

test('each part is told once, in order, with evidence, and a way out where something lacks', () => {
  for (const check of checks) expect(hostCheck.parse(check)).toEqual(check);
  const order = table.map(({ id }) => id);
  const ids = checks.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  expect(new Set(ids).size).toBe(ids.length);
  for (const check of checks.filter(({ state }) => state === 'limited' || state === 'missing'))
    expect(check.fix ?? check.command, check.id).toBeDefined();
});

test('it tells what this very kernel and computer have', async () => {
  const hasAppArmor = await readFile('/sys/module/apparmor/parameters/enabled', 'utf8').then(
    (text) => text.startsWith('Y'),
    () => false,
  );
  expect(of('apparmor').state).toBe(hasAppArmor ? 'good' : 'limited');
  expect(of('mounts').evidence).toContain(propagationOf(await readFile('/proc/self/mountinfo', 'utf8'), '/'));
  expect(of('network')).toMatchObject({
    state: 'good',
    evidence: expect.stringMatching(/^dnsmasq \d+\.\d+, nft v?\d+\.\d+/),
  });
  expect(of('storage').evidence).toContain(directory);
  expect(of('kvm').evidence).toContain(
    await access('/dev/kvm').then(
      () => '/dev/kvm',
      () => 'ENOENT',
    ),
  );
});

test.each([
  ['shared', 'mount --make-shared / && cat /proc/self/mountinfo'],
  ['private', 'cat /proc/self/mountinfo'],
  ['slave', 'mount --make-shared / && unshare --mount --propagation slave cat /proc/self/mountinfo'],
] as const)('a root that is %s is told as such', async (propagation, script) => {
  const { stdout } = await run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script]);
  expect(propagationOf(stdout, '/')).toBe(propagation);
});

test('what cannot be looked at is unknown, and hides nothing else', async () => {
  const others = await examineHost({ ...surroundings(), stateDirectory: path.join(directory, 'gone') }, signal);
  expect(others.find(({ id }) => id === 'storage')).toMatchObject({
    state: 'unknown',
    evidence: expect.stringContaining('ENOENT'),
  });
  expect(others).toHaveLength(checks.length);
});

test("the administrator's settings are told in words; those that cannot be relied on as what keeps everything from starting", async () => {
  const file = path.join(directory, 'security.conf');
  const look = async (): Promise<HostCheck | undefined> =>
    (await examineHost(surroundings(), signal)).find(({ id }) => id === 'security-settings');
  expect(await look()).toMatchObject({ state: 'good' });
  await writeFile(file, 'seccomp_sandbox = 0\n');
  expect(await look()).toMatchObject({
    state: 'limited',
    summary: 'For all instances: system calls are not filtered.',
    evidence: file,
  });
  await chmod(file, 0o666);
  expect(await look()).toMatchObject({
    state: 'missing',
    evidence: expect.stringContaining('others than root may write it'),
  });
  await rm(file);
});

function surroundings(): Surroundings {
  return {
    runner: new LocalProcessRunner(),
    denialSource: () => ({ state: 'watching', detail: "the kernel's log" }),
    stateDirectory: directory,
    gid: undefined,
    hostSecurity: new HostSecurity(directory),
    quotas: new QuotaFile(directory, pino({ level: 'silent' })),
    unusableImageSettings: () => ({ fault: undefined, remotes: { count: 0, names: [] } }),
    network: {
      observe: async () => ({ bridge: 'absent', dnsmasq: 'absent', taps: [], table: 'absent', files: 'absent' }),
      examine: async () => ({ bridge: 'none', obstacles: [] }),
    },
    capabilities: async () => ({
      accelerator: 'tcg',
      acceleratorReason: 'chosen in the configuration',
      qemuVersion: '7.2',
    }),
  };
}

function of(id: HostCheck['id']): HostCheck {
  const check = checks.find((each) => each.id === id);
  if (!check) throw new Error(`no check ${id}`);
  return check;
}
