// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { launcherArguments } from '../../../native-helper/confinement/launcher.ts';
import { machineAccess } from '../../../native-helper/confinement/machine-access.ts';
import { spec } from '../hypervisor/spec.ts';

const access = machineAccess(spec, '/usr/bin/qemu-system-x86_64', []);
const plain = { access, profile: undefined, cgroups: [], devices: [] };

describe('launcherArguments', () => {
  it('keeps only what lies below a hidden directory', () => {
    const args = launcherArguments(plain, ['/run/berth/machines/a1', '/var/lib/x', '/tmp/disk', '/runner/y']);
    expect(args.filter((_, index) => args[index - 1] === '--keep')).toEqual(['/run/berth/machines/a1', '/tmp/disk']);
  });

  it('hands over identity, profile and device numbers', () => {
    const args = launcherArguments({ ...plain, profile: 'multipass.amber-fox.qemu-system-x86_64', devices: [{ name: 'kvm', type: 'c', major: 10, minor: 232 }], cgroups: ['/sys/fs/cgroup/berth.slice/x'] }, []);
    expect(args.join(' ')).toContain('--uid 61001 --gid 61001 --profile multipass.amber-fox.qemu-system-x86_64');
    expect(args.join(' ')).toContain('--device kvm,c,10,232');
    expect(args.join(' ')).toContain('--cgroup /sys/fs/cgroup/berth.slice/x');
    expect(launcherArguments(plain, []).join(' ')).toContain('--profile - ');
  });

  it.each(['relative', '/tmp/a\nb'])('refuses the path %j', (path) => {
    expect(() => launcherArguments(plain, [path])).toThrow(/confinement/);
  });
});
