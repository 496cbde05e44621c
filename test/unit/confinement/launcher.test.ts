// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { launcherArguments, launchSpec } from '../../../native-helper/confinement/launcher.ts';
import { machineAccess } from '../../../native-helper/confinement/machine-access.ts';
import { spec } from '../hypervisor/spec.ts';

const access = machineAccess(spec, '/usr/bin/qemu-system-x86_64', []);
const plain = { access, profile: undefined, cgroups: [], devices: [], groups: [], hasMountNamespace: true };
const none = { kept: [], written: [], given: [] };

describe('launcherArguments', () => {
  it('keeps only what lies below a hidden directory', () => {
    const args = launcherArguments(plain, {
      ...none,
      kept: ['/run/berth/machines/a1', '/var/lib/x', '/tmp/disk', '/runner/y'],
    });
    expect(args.filter((_, index) => args[index - 1] === '--keep')).toEqual(['/run/berth/machines/a1', '/tmp/disk']);
  });

  it('hands over identity, profile and device numbers', () => {
    const args = launcherArguments(
      {
        ...plain,
        profile: 'multipass.amber-fox.qemu-system-x86_64',
        devices: [
          { name: 'kvm', mode: 'rw', type: 'c', major: 10, minor: 232 },
          { name: 'sdb', mode: 'r', type: 'b', major: 8, minor: 16 },
        ],
        cgroups: ['/sys/fs/cgroup/berth.slice/x'],
      },
      none,
    );
    expect(args.join(' ')).toContain('--uid 61001 --gid 61001 --profile multipass.amber-fox.qemu-system-x86_64');
    expect(args.join(' ')).toContain('--device kvm,600,c,10,232 --device sdb,400,b,8,16');
    expect(args.join(' ')).toContain('--cgroup /sys/fs/cgroup/berth.slice/x');
    expect(launcherArguments(plain, none).join(' ')).toContain('--profile - ');
  });

  it("builds no places of its own where the administrator wants none, and becomes root at nobody else's word", () => {
    const asRoot = machineAccess(spec, '/usr/bin/qemu-system-x86_64', [], {
      devices: [],
      accounts: { uid: 0, gid: 0 },
    });
    const args = launcherArguments(
      {
        ...plain,
        access: asRoot,
        hasMountNamespace: false,
        groups: [108],
        devices: [{ name: 'kvm', mode: 'rw', type: 'c', major: 10, minor: 232 }],
      },
      { kept: ['/tmp/disk'], written: ['/tmp/disk'], given: [] },
    );
    expect(args.join(' ')).toBe(
      `--uid 0 --gid 0 --profile - --log ${access.log} --console ${access.consoleLog} --dev host --as-root yes --group 108`,
    );
    expect(launcherArguments(plain, none)).not.toContain('--as-root');
  });

  it('names what may be written, whether it is hidden or not', () => {
    const args = launcherArguments(plain, { ...none, written: ['/tmp/disk', '/srv/given'] });
    expect(args.filter((_, index) => args[index - 1] === '--write')).toEqual(['/tmp/disk', '/srv/given']);
  });

  it('hands variables to the program, each in a line, and none on a command line', async () => {
    const launch = {
      ...plain,
      given: [],
      access: { ...access, files: [], sockets: { qmp: '/usr/q', serial: '/usr/s' }, consoleLog: '/usr', log: '/usr' },
      args: [],
      passedFds: [],
      assetsDirectory: '/assets',
    };
    const { args, env } = await launchSpec({ ...launch, env: { ID: 'wib ble', BAR: '' } });
    expect(env).toEqual({ BERTH_VARIABLES: 'ID=wib ble\nBAR=' });
    expect(args.join(' ')).not.toContain('wib ble');
    await expect(launchSpec({ ...launch, env: { ID: 'a\nLD_PRELOAD=x' } })).rejects.toThrow(/handed on/);
  });

  it.each(['a b', 'a,b', '../sda', 'a//b'])('refuses the device name %j', (name) => {
    expect(() =>
      launcherArguments({ ...plain, devices: [{ name, mode: 'rw', type: 'b', major: 8, minor: 0 }] }, none),
    ).toThrow(/handed on/);
  });

  it.each(['relative', '/tmp/a\nb'])('refuses the path %j', (path) => {
    expect(() => launcherArguments(plain, { ...none, kept: [path] })).toThrow(/isolation layer/);
  });
});
