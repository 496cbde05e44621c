// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppArmor } from '../../../native-helper/confinement/apparmor.ts';
import { machineAccess } from '../../../native-helper/confinement/machine-access.ts';
import { profileText } from '../../../native-helper/confinement/profile.ts';
import { qemuMachineProfile } from '../../../native-helper/confinement/profiles/qemu-machine.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { disk, spec } from '../../unit/hypervisor/spec.ts';

const signal = AbortSignal.timeout(60_000);
const kernel = {
  kernelPath: '/var/lib/berth/images/abc/kernel',
  initrdPath: '/var/lib/berth/images/abc/initrd',
  commandLine: '',
};
let directory = '';
let appArmor: AppArmor;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-aa-'));
  appArmor = new AppArmor(new LocalProcessRunner(), directory);
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

it.each([
  ['disk boot', spec],
  ['kernel boot', { ...spec, kernel }],
  ['kvm', { ...spec, accelerator: 'kvm' as const }],
  ['arm64', { ...spec, architecture: 'aarch64' as const }],
  ['no backing file', { ...spec, disks: [{ ...disk, backingPaths: [] }] }],
  ['hostile paths', { ...spec, cdrom: { ...spec.cdrom, path: '/a b/"q\'u,o*t?e[d]{x}^@{HOME}#\\n é.iso' } }],
])('writes a profile that the parser takes: %s', async (_, machine) => {
  const profile = qemuMachineProfile(
    machineAccess(machine, `/usr/bin/qemu-system-${machine.architecture}`, ['/usr/share/qemu-efi-aarch64/QEMU_EFI.fd']),
  );
  await appArmor.prepare(profile, signal);
  await appArmor.check(profile.name, signal);
  expect(await readFile(path.join(directory, profile.name), 'utf8')).toBe(profile.text);
});

it('writes only when something changed, and removes', async () => {
  const profile = qemuMachineProfile(machineAccess(spec, '/usr/bin/qemu-system-x86_64', []));
  const file = path.join(directory, profile.name);
  await appArmor.prepare(profile, signal);
  const { mtimeMs } = await stat(file);
  await appArmor.prepare(profile, signal);
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);
  await appArmor.remove(profile.name, signal);
  expect(existsSync(file)).toBe(false);
});

it("reports the parser's own words for what it refuses", async () => {
  const broken = profileText('multipass.broken', ['  /a quux,\n']);
  await expect(appArmor.prepare(broken, signal)).rejects.toMatchObject({
    code: 'confinement.profile-rejected',
    params: { profile: 'multipass.broken', reason: expect.stringMatching(/error/i) as string },
  });
});
