// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { refusedArgument, refusedVariable } from '../../../native-helper/confinement/administrator/users-may.ts';

describe('arguments that users may give QEMU', () => {
  it.each([
    [['-cpu', 'host,-x2apic']],
    [['-name', 'x']],
    [['-smp', '2,sockets=1']],
    [['-boot', 'order=d,menu=on']],
    [['-boot', 'd']],
    [['-smbios', 'type=1,manufacturer=Me,serial=7']],
    [['-no-reboot']],
    [['-object', 'rng-builtin,id=r1', '-device', 'virtio-rng-pci,rng=r1,addr=0x1f']],
    [['-device', 'i6300esb', '-action', 'watchdog=reset']],
    [[]],
  ])('%j', (args) => {
    expect(refusedArgument(args)).toBeUndefined();
  });

  it.each([
    [['-plugin', '/tmp/x.so']],
    [['-chardev', 'socket,id=x,path=/tmp/x']],
    [['-drive', 'file=/etc/passwd']],
    [['-blockdev', '{}']],
    [['-incoming', 'exec:id']],
    [['-kernel', '/k']],
    [['-smbios', 'file=/etc/passwd']],
    [['-smbios', 'type=11,path=/etc/passwd']],
    [['-boot', 'splash=/etc/passwd']],
    [['-device', 'virtio-rng-pci,romfile=/etc/passwd']],
    [['-device', 'vfio-pci,host=0:1.0']],
    [['-device', '{"driver":"usb-kbd"}']],
    [['-k', 'de']],
    [['-object', 'memory-backend-file,id=m,mem-path=/dev/shm/x']],
    [['-object', 'secret,id=s,file=/etc/passwd']],
    [['-D', '/tmp/log']],
    [['-trace', 'file=/tmp/x']],
    [['-qmp', 'unix:/tmp/x']],
    [['-monitor', 'stdio']],
    [['-netdev', 'user,id=n']],
    [['-vnc', ':0']],
    [['-readconfig', '/x']],
    [['-sandbox', 'off']],
    [['-global', 'virtio-net-pci.romfile=/x']],
    [['-machine', 'dumpdtb=/tmp/x']],
    [['-name']],
    [['x']],
    [['-no-reboot', '-plugin', 'x']],
    [['-rtc', 'base=utc,,clock=x']],
    [['-constructor', 'x']],
    [['---cpu', 'x']],
    [['-cpu', 'max\nx']],
    [['-name', '-plugin', 'x.so']],
  ])('not %j', (args) => {
    expect(refusedArgument(args)).toEqual(
      expect.objectContaining({ id: expect.stringContaining('security.') as string }),
    );
  });
});

it('variables: of allocators and messages', () => {
  expect(refusedVariable({ MALLOC_ARENA_MAX: '1', G_MESSAGES_DEBUG: 'all' })).toBeUndefined();
  for (const name of ['QEMU_MODULE_DIR', 'LD_PRELOAD', 'TMPDIR', 'GCONV_PATH', 'HOME', 'LISTEN_FDS', '__proto__'])
    expect(refusedVariable({ [name]: 'x' }), name).toEqual(
      expect.objectContaining({ id: expect.stringContaining('security.') as string }),
    );
  expect(refusedVariable({ MALLOC_ARENA_MAX: '/tmp/x' })).toEqual(
    expect.objectContaining({ id: expect.stringContaining('security.') as string }),
  );
});
