// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookUp } from '../../../native-helper/confinement/administrator/accounts.ts';
import { parseConf } from '../../../native-helper/confinement/administrator/conf-syntax.ts';
import { fillTemplate } from '../../../native-helper/confinement/administrator/machine-profile-file.ts';
import {
  defaultConf,
  parseSecurityConf,
  weaknessesOf,
} from '../../../native-helper/confinement/administrator/security-conf.ts';

const assets = path.resolve(import.meta.dirname, '../../../assets/linux');

describe('the syntax of security.conf', () => {
  it('has numbers, texts in either quotes, lists over lines, and comments', () => {
    const text = '# first\n a = -1 # one\nb="x # y"\nc=\'it\' d = [ "p",\n # between\n "q", ]\ne=[]';
    expect([...parseConf(text)].map(([name, { value, line }]) => [name, value, line])).toEqual([
      ['a', -1, 2],
      ['b', 'x # y', 3],
      ['c', 'it', 4],
      ['d', ['p', 'q'], 4],
      ['e', [], 7],
    ]);
  });

  it.each([
    ['a', 'line 1: = is expected after a'],
    ['a = ', 'line 1: a needs a number'],
    ['\na = [ "x" "y" ]', 'line 2: a comma or ] is expected'],
    ['a = [ 1 ]', 'line 1: a list holds quoted texts'],
    ['a = 1\na = 2', 'line 2: a is set a second time'],
    ['a = "x', 'line 1: not understood'],
    ['= 1', 'line 1: a name is expected'],
    ['a = yes', 'line 1: a needs a number'],
  ])('refuses %j', (text, message) => {
    expect(() => parseConf(text)).toThrow(message);
  });
});

describe('security.conf', () => {
  it('leaves everything on where it says nothing; so does the one that is shipped', () => {
    expect(parseSecurityConf('')).toEqual(defaultConf);
    expect(parseSecurityConf(readFileSync(path.join(assets, 'security.conf'), 'utf8'))).toEqual(defaultConf);
    expect(weaknessesOf(defaultConf)).toEqual([]);
  });

  it('understands the shipped examples, each without its #', () => {
    const examples = readFileSync(path.join(assets, 'security.conf'), 'utf8').replaceAll(/^#(?=[a-z_]+ = )/gm, '');
    expect(parseSecurityConf(examples)).toMatchObject({
      driver: 'apparmor',
      user: 'libvirt-qemu',
      devices: ['rtc'],
      controllers: ['cpu', 'devices', 'memory', 'pids'],
    });
  });

  it.each([
    ['security_driver = "none"', { driver: 'none', hasOwnUsers: true }],
    ['security_driver = []', { driver: 'none', hasOwnUsers: false }],
    ['security_driver = [ "apparmor" ]', { driver: 'apparmor' }],
    ['user = "root"\ngroup = "+0"', { user: 'root', group: '+0' }],
    ['namespaces = []', { hasMountNamespace: false }],
    ['namespaces = [ "mount" ]', { hasMountNamespace: true }],
    ['seccomp_sandbox = 0', { hasSeccomp: false }],
    ['seccomp_sandbox = -1', { hasSeccomp: true }],
    ['cgroup_device_acl = [ "/dev/null", "/dev/dri/renderD128" ]', { devices: ['null', 'dri/renderD128'] }],
    ['cgroup_controllers = [ "cpu" ]', { controllers: ['cpu'] }],
  ])('reads %j', (text, expected) => {
    expect(parseSecurityConf(text)).toMatchObject(expected);
  });

  it('says in words what was taken away', () => {
    const all =
      'security_driver = []\nuser = "root"\nnamespaces = []\nseccomp_sandbox = 0\ncgroup_device_acl = [ "/dev/rtc" ]\ncgroup_controllers = []';
    expect(weaknessesOf(parseSecurityConf(all))).toHaveLength(7);
  });

  it.each([
    ['security_drivr = "none"', 'line 1: there is no setting security_drivr'],
    ['security_driver = "selinux"', 'line 1: security_driver: "selinux" is no driver here'],
    ['security_driver = [ "none", "apparmor" ]', 'none stands alone'],
    ['seccomp_sandbox = 2', '0, 1 or -1'],
    ['seccomp_sandbox = "0"', '0, 1 or -1'],
    ['namespaces = [ "net" ]', '"net" cannot be chosen'],
    ['namespaces = 0', 'a list is needed'],
    ['cgroup_device_acl = [ "/etc/passwd" ]', 'no path of a device'],
    ['cgroup_device_acl = [ "/dev/../etc" ]', 'no path of a device'],
    ['cgroup_controllers = [ "io" ]', '"io" is no controller'],
    ['user = 0', 'a name or "+number"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseSecurityConf(text)).toThrow(message);
  });
});

it('looks accounts up by name, by number, and takes +N as it is', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nqemu:x:64055:130::/:/bin/false\n';
  expect(lookUp('qemu', passwd, 'user')).toEqual({ uid: 64055, gid: 130 });
  expect(lookUp('64055', passwd, 'user')).toEqual({ uid: 64055, gid: 130 });
  expect(lookUp('+4711', passwd, 'user')).toEqual({ uid: 4711, gid: 4711 });
  expect(() => lookUp('nobodyknows', passwd, 'user')).toThrow('there is no user nobodyknows');
});

describe("the administrator's template", () => {
  it('becomes the profile of one machine that includes the generated rules', () => {
    const filled = fillTemplate(
      readFileSync(path.join(assets, 'apparmor/TEMPLATE'), 'utf8'),
      'multipass.a.qemu-system-x86_64',
    );
    expect(filled).toContain('profile multipass.a.qemu-system-x86_64 flags=(attach_disconnected) {');
    expect(filled).toMatch(/ {2}include <multipass\.a\.qemu-system-x86_64\.files>\n\}\s*$/);
    expect(filled).not.toContain('BERTH_TEMPLATE');
  });

  it.each(['', 'profile other { }', '# BERTH_TEMPLATE', 'profile BERTH_TEMPLATE '])(
    'is refused where it is no such profile: %j',
    (text) => {
      expect(fillTemplate(text, 'multipass.a.qemu-img')).toBeUndefined();
    },
  );
});
