// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuditRecord } from '../../../native-helper/instances/denials/audit-record.ts';
import { deniedAccess } from '../../../native-helper/instances/denials/denied-access.ts';
import { parseKernelLine } from '../../../native-helper/instances/denials/kernel-line.ts';
import { samples } from './samples.ts';

const denied = (line: string) => {
  const record = parseAuditRecord(line);
  return record && deniedAccess(record);
};

describe('a record of AppArmor', () => {
  it('has its number, its time and its fields', () => {
    const record = parseAuditRecord(samples.open);
    expect(record).toMatchObject({ serial: 21, verdict: 'DENIED', at: new Date(1795684238572) });
    expect(Object.fromEntries(record?.fields ?? [])).toMatchObject({
      operation: 'open',
      denied_mask: 'wr',
      fsuid: '61477',
      comm: 'qemu-system-x86',
    });
  });

  it.each([
    [
      'a disk',
      samples.open,
      {
        instance: 'vm-one',
        utility: 'qemu-system-x86_64',
        kind: 'file',
        subject: '/var/lib/berth/instances/vm-two/disk.qcow2',
        access: 'wr',
        outcome: 'refused',
      },
    ],
    [
      'a name in hex',
      samples.hexName,
      {
        instance: 'lab',
        utility: 'share-server.s1',
        kind: 'file',
        operation: 'mknod',
        subject: '/home/mia/My Project {x}/b.txt',
        access: 'c',
      },
    ],
    ['a link', samples.link, { kind: 'file', subject: '/home/mia/My Project {x}/stolen', access: 'l' }],
    ['the internet', samples.network, { kind: 'network', subject: 'inet stream' }],
    ['a program', samples.exec, { kind: 'exec', subject: '/usr/bin/dash', access: 'x' }],
    ['a capability', samples.capability, { kind: 'capability', subject: 'sys_admin' }],
    ['a signal', samples.signal, { kind: 'signal', subject: 'term → multipass.vm-two.qemu-system-x86_64' }],
    ['another process', samples.ptrace, { kind: 'ptrace', subject: 'unconfined' }],
    ['a mount', samples.mount, { kind: 'mount', subject: '/mnt/' }],
    ['another socket', samples.unix, { kind: 'socket', subject: '@/tmp/.X11-unix/X0' }],
    ['another profile', samples.changeProfile, { kind: 'profile', subject: 'unconfined' }],
    ['one that was let through', samples.complain, { outcome: 'reported', subject: '/etc/hostname' }],
    ["auditd's form", samples.auditd, { instance: 'vm-one', serial: 21, subject: '/etc/hostname', access: 'r' }],
    ['a program that serves all', samples.dnsmasq, { instance: undefined, utility: 'dnsmasq' }],
  ])('is understood: %s', (_, line, expected) => {
    expect(denied(line)).toMatchObject({ isExact: true, ...expected });
  });

  it.each([
    ['loading a profile', samples.status],
    ["another program's", samples.foreign],
    [
      "a message bus's own words",
      'audit: type=1107 audit(1795684292.1:93): pid=1 uid=0 msg=\'apparmor="DENIED" operation="dbus_method_call" profile="multipass.vm-one.qemu-system-x86_64"\'',
    ],
    ['a line of somebody else', 'usb 1-1: new device apparmor="DENIED"'],
    ['nothing', ''],
  ])('is none of ours: %s', (_, line) => {
    expect(denied(line)).toBeUndefined();
  });

  it.each([
    ['bytes that are no text', samples.hexName.replace('2F622E747874', '2FFF2E747874')],
    [
      'a quoted name that was cut off',
      `${samples.home.slice(0, samples.home.indexOf(' name='))} denied_mask="r" name="/home/mia/di`,
    ],
    [
      'a name in hex that was cut off',
      `${samples.home.slice(0, samples.home.indexOf(' name='))} denied_mask="r" name=2F686F6D652F6`,
    ],
  ])('does not pretend to know %s', (_, line) => {
    expect(denied(line)).toMatchObject({ isExact: false });
  });

  it('names every file as the kernel meant it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
        (text) => {
          const name = `/${text}`;
          const written = /^[\u0021\u0023-\u007e]+$/.test(name)
            ? `"${name}"`
            : Buffer.from(name).toString('hex').toUpperCase();
          expect(denied(samples.home.replace('"/home/mia/disc.iso"', () => written))).toMatchObject({
            subject: name,
            isExact: true,
          });
        },
      ),
    );
  });
});

describe('a line of /dev/kmsg', () => {
  it('is unescaped, with its number', () => {
    expect(parseKernelLine('5,1234,98765,-;audit: name="/a\\x5cb"')).toEqual({
      sequence: 1234,
      isFromKernel: true,
      text: 'audit: name="/a\\b"',
    });
    expect(parseKernelLine('6,9,1,c,caller=T1;caf\\xc3\\xa9')?.text).toBe('café');
  });

  it('written by a program is known as such', () => {
    expect(parseKernelLine(`12,1235,98766,-;${samples.home}`)?.isFromKernel).toBe(false);
  });

  it('of a dictionary is passed over', () => {
    expect(parseKernelLine(' SUBSYSTEM=pci')).toBeUndefined();
  });
});
