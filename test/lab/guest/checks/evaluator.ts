// SPDX-License-Identifier: MIT
import { open, readdir } from 'node:fs/promises';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { Policy } from '../../../support/apparmor/policy.ts';
import { sampleProfiles } from '../../../support/apparmor/sample-profiles.ts';
import { check } from '../check.ts';

/** Bits of the kernel's security/apparmor/include/perms.h. */
const kernelBits = { r: 0x4, w: 0x2, k: 0x8000, m: 0x1_0000 } as const;

/** The evaluator of the golden questions gives the answers that the kernel itself gives through its query file. */
export async function checkEvaluator(): Promise<void> {
  const appArmor = new AppArmor(new LocalProcessRunner(), '/var/lib/lab-profiles');
  const signal = AbortSignal.timeout(600_000);
  for (const kind of ['machineWithKvm', 'dnsmasq', 'share'] as const) {
    const { name, text } = sampleProfiles[kind];
    await appArmor.prepare(sampleProfiles[kind], signal);
    const policy = await Policy.compile(text);
    const differing: string[] = [];
    const paths = await pathsToAsk();
    for (const path of paths) {
      const [kernel, everybody, owner] = [
        await askKernel(name, path),
        policy.file(name, path),
        policy.file(name, path, true),
      ].map((text_) => text_.replace(/[^rwkm]/g, ''));
      if (kernel !== everybody && kernel !== owner)
        differing.push(`${path}: kernel ${kernel}, evaluator ${everybody} and ${owner}`);
    }
    check(
      'evaluator',
      `agrees with the kernel on ${paths.length} paths for ${kind}`,
      differing.length === 0,
      differing.join('\n'),
    );
    await appArmor.remove(name, signal);
  }
}

async function pathsToAsk(): Promise<string[]> {
  const own = '/var/lib/berth/instances/amber-fox';
  const listed = await Promise.all(
    ['/usr/lib/x86_64-linux-gnu', '/etc', '/dev', '/proc/sys/kernel'].map(async (directory) =>
      (await readdir(directory)).slice(0, 50).map((name) => `${directory}/${name}`),
    ),
  );
  return [
    `${own}/disk.qcow2`,
    `${own}/seed.iso`,
    `${own}/secrets.json`,
    '/var/lib/berth/instances/blue-owl/disk.qcow2',
    '/run/berth/machines/a1/qmp.sock',
    '/run/berth/network/leases',
    '/home/mia/My Project {x}/a',
    '/home/mia/My Project {x}',
    '/home/mia/other',
    '/bin/sh',
    '/usr/bin/qemu-system-x86_64',
    '/proc/1/cmdline',
    '/proc/1/status',
    ...listed.flat(),
  ];
}

/** /sys/kernel/security/apparmor/.access answers `allow 0x…` to `profile\0NAME\0` with a class and a path. */
async function askKernel(profile: string, path: string): Promise<string> {
  await using handle = await open('/sys/kernel/security/apparmor/.access', 'r+');
  const fileClass = 2;
  await handle.write(
    Buffer.concat([Buffer.from(`profile\0${profile}\0`), Buffer.from([fileClass]), Buffer.from(path)]),
    0,
    undefined,
    null,
  );
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
  const allowed = Number.parseInt(/allow 0x([0-9a-f]+)/.exec(buffer.toString('latin1', 0, bytesRead))?.[1] ?? '0', 16);
  return (Object.keys(kernelBits) as (keyof typeof kernelBits)[])
    .filter((letter) => (allowed & kernelBits[letter]) !== 0)
    .join('');
}
