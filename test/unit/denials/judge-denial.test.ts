// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { DenialBook } from '../../../native-helper/instances/denials/denial-book.ts';
import { judgeDenial, judgeOwnDenial, type Judged } from '../../../native-helper/instances/denials/judge-denial.ts';
import { deniedBy, fileLine } from './denied-by.ts';
import { samples } from './samples.ts';

const places = { stateDirectory: '/var/lib/berth', runDirectory: '/run/berth' };

function judged(line: string): Judged {
  const book = new DenialBook({ schema: 1, denials: [] });
  book.add(deniedBy(line));
  const [only] = book.all();
  if (!only) throw new Error('not kept');
  return judgeDenial(only, 'vm-one', places);
}

describe('what may be allowed', () => {
  it('a file of a person, to be read or written', () => {
    expect(judged(samples.home)).toEqual({
      explanation:
        "The machine tried to read /home/mia/disc.iso, which is a file of the user mia and not one of this machine's.",
      rule: '"/home/mia/disc.iso" r,',
      offers: ['read', 'read-write'],
    });
    expect(judged(fileLine('/srv/images/data.raw', 'wr'))).toMatchObject({
      rule: '"/srv/images/data.raw" rw,',
      offers: ['read', 'read-write'],
    });
  });

  it('a file of the system, to be read alone', () => {
    expect(judged(fileLine('/usr/share/ipxe/rom'))).toMatchObject({
      offers: ['read'],
      caution: expect.stringContaining('at most'),
    });
    expect(judged(fileLine('/etc/hostname', 'wr')).offers).toEqual(['read']);
  });

  it.each([
    ["another machine's disk", samples.open, /another machine, vm-two/],
    ['its own keys', fileLine('/var/lib/berth/instances/vm-one/secrets.json'), /own files/],
    ['a shared image', fileLine('/var/lib/berth/images/0123/disk.qcow2', 'w'), /other machines may stand on/],
    ["Berth's own files", fileLine('/run/berth/helper.sock', 'wr'), /Berth's own/],
    ['passwords', fileLine('/etc/shadow'), /secrets/],
    ['a key', fileLine('/home/mia/.ssh/id_ed25519'), /secrets/],
    ["root's files", fileLine('/root/.bashrc'), /secrets/],
    ['/proc', fileLine('/proc/1/environ'), /running programs/],
    ['/sys', fileLine('/sys/kernel/security/apparmor/.replace', 'w'), /kernel/],
    ['a device', fileLine('/dev/mem'), /device of this computer/],
    ['a socket', fileLine('/run/dbus/system_bus_socket', 'wr'), /programs meet/],
    ['a folder', fileLine('/home/mia/'), /mia/],
    ['code', fileLine('/home/mia/lib.so', 'mr', 'file_mmap'), /load as a program/],
    ['a file that is not there', fileLine('/home/mia/new', 'c', 'mknod'), /make \/home/],
    ['deleting', fileLine('/home/mia/a', 'd', 'unlink'), /delete \/home/],
    ['what a share does not hold', samples.hexName, /shared folder/],
    ['a program', samples.exec, /start the program \/usr\/bin\/dash/],
    ['a capability', samples.capability, /sys_admin/],
    ['the internet', samples.network, /inet stream/],
    ['a signal', samples.signal, /signal/],
    ['another process', samples.ptrace, /look into/],
    ['a mount', samples.mount, /mounted/],
    ['another socket', samples.unix, /speak to another program/],
    ['another profile', samples.changeProfile, /leave its confinement/],
  ])('nothing of %s, and it is said why', (_, line, explanation) => {
    const { offers, caution, explanation: told } = judged(line);
    expect(offers).toEqual([]);
    expect(caution).toMatch(/\w.+\.$/);
    expect(told).toMatch(explanation);
  });

  it('nothing whose name is not known exactly, and no rule is made of it', () => {
    const hostile = judged(samples.home.replace('"/home/mia/disc.iso"', '2F686F6D652FFF'));
    expect(hostile).toMatchObject({ offers: [], caution: expect.stringContaining('exactly') });
    expect(hostile.rule).toBeUndefined();
    expect(
      judged(samples.home.replace('"/home/mia/disc.iso"', Buffer.from('/home/mia/a\nb').toString('hex'))).offers,
    ).toEqual([]);
  });
});

describe('the rule', () => {
  it.each([
    ['of a file with a wild name', fileLine('/home/mia/a*b{c}'), '"/home/mia/a\\*b\\{c\\}" r,'],
    ['of making and deleting', fileLine('/srv/x', 'wcd'), '"/srv/x" w,'],
    ['of a folder', fileLine('/srv/x/'), '"/srv/x/" r,'],
    ['of a capability', samples.capability, 'capability sys_admin,'],
    ['of the internet', samples.network, 'network inet stream,'],
    ['of a signal', samples.signal, 'signal (send) set=(term) peer=multipass.vm-two.qemu-system-x86_64,'],
    ['of a socket', samples.unix, 'unix (send, connect) type=stream,'],
    ['of a program', samples.exec, '"/usr/bin/dash" ix,'],
  ])('%s is this', (_, line, rule) => {
    expect(judged(line).rule).toBe(rule);
  });

  it('is not made of words that mean more', () => {
    expect(judged(samples.signal.replace('multipass.vm-two.qemu-system-x86_64', '**')).rule).toBeUndefined();
    expect(judged(samples.capability.replace('sys_admin', 'a, file')).rule).toBeUndefined();
  });
});

describe('of programs that work for no instance', () => {
  const own = (line: string): Judged => {
    const book = new DenialBook({ schema: 1, denials: [] });
    book.add(deniedBy(line));
    return judgeOwnDenial(
      book.all()[0] ??
        (() => {
          throw new Error('not kept');
        })(),
    );
  };

  it('says which, and where the administrator can put the rule', () => {
    expect(own(samples.dnsmasq)).toEqual({
      explanation: 'The address server (dnsmasq) tried to read /etc/shadow.',
      rule: '"/etc/shadow" r,',
      offers: [],
      caution:
        "If something of Berth does not work, this may be why. The administrator can put the rule into /etc/apparmor.d/multipass.d/multipass.dnsmasq; it counts from the program's next start.",
    });
    expect(own(samples.helper)).toMatchObject({
      explanation: "Berth's helper tried to start the program /old/usr/sbin/chroot.",
      offers: [],
      caution: expect.stringContaining('multipass.d/berth-helper;'),
    });
  });

  it('offers no way for a child, whose profile takes no additions, nor for an image', () => {
    expect(own(samples.helper.replace('profile="berth-helper"', 'profile="berth-helper//parser"'))).toMatchObject({
      explanation: expect.stringMatching(/^The loader of profiles/),
      caution: 'If something of Berth does not work, this may be why.',
    });
    expect(own(samples.dnsmasq.replace('multipass.dnsmasq', 'multipass.import-3.qemu-img'))).toMatchObject({
      explanation: expect.stringMatching(/^The conversion of an image/),
      caution: expect.stringContaining('not to be trusted'),
    });
  });
});
