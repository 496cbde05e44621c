// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import type { MachineMemory } from '../../../native-helper/core/seams/machine-spec.ts';
import { describe, expect, it } from 'vitest';
import { machineAccess } from '../../../native-helper/confinement/machine-access.ts';
import { profileName, quotePath } from '../../../native-helper/confinement/profile.ts';
import { qemuMachineProfile } from '../../../native-helper/confinement/profiles/qemu-machine.ts';
import { disk, spec } from '../hypervisor/spec.ts';

/**
 * What AppArmor's parser makes of a quoted path: an escaped character is itself, `[@]` is an @. Undefined when
 * something would match more.
 */
function literalOf(rule: string): string | undefined {
  if (!rule.startsWith('"') || !rule.endsWith('"')) return undefined;
  const text = rule.slice(1, -1).replaceAll('[@]', '\\@');
  const literal = text.replace(/\\([\s\S])/g, '$1');
  const bare = text.replace(/\\[\s\S]/g, '');
  return /["*?[\]{}^,@\\]/.test(bare) ? undefined : literal;
}

const hostile = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      '"',
      "'",
      ',',
      '*',
      '**',
      '?',
      '[',
      ']',
      '{',
      '}',
      '^',
      '@',
      '@{HOME}',
      '#',
      '\\',
      '\n',
      '\t',
      '\u{1f600}',
      'é',
      '..',
      '.',
      '\ud800',
      '\ufffd',
      '%',
      '$(x)',
      ' rw,',
      'x'.repeat(255),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('quotePath', () => {
  it('matches the very path or refuses it, for 10,000 hostile names', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 3 }), (names) => {
        const path = `/${names.join('/')}`;
        let rule: string;
        try {
          rule = quotePath(path);
        } catch (error) {
          expect(error).toMatchObject({ code: 'confinement.profile-rejected' });
          return;
        }
        expect(literalOf(rule)).toBe(path);
        expect(rule).not.toMatch(/[\n\t]/);
      }),
      { numRuns: 10_000 },
    );
  });

  it.each(['relative', '/', '/a/', '/a//b', '/a/../b', '/a/.', '/a\nb', '/a\0', '/a\\', '/a\ud800'])(
    'refuses %j',
    (path) => {
      expect(() => quotePath(path)).toThrow();
    },
  );

  it('keeps the blank and the globbing characters apart from their meaning', () => {
    expect(quotePath('/vm 1/a*b?[c]{d,e}^@{HOME}.iso')).toBe('"/vm 1/a\\*b\\?\\[c\\]\\{d\\,e\\}\\^[@]\\{HOME\\}.iso"');
  });
});

describe('profileName', () => {
  it('follows the naming scheme', () => {
    expect(profileName('amber-fox', 'qemu-system-x86_64')).toBe('multipass.amber-fox.qemu-system-x86_64');
    expect(profileName(undefined, 'dnsmasq')).toBe('multipass.dnsmasq');
  });

  it.each(['a b', 'a{b', '../a', '', 'A', 'a\n'])('refuses the instance name %j', (name) => {
    expect(() => profileName(name, 'qemu-img')).toThrow();
  });
});

describe('the profile of a machine', () => {
  const access = machineAccess(
    { ...spec, kernel: { kernelPath: '/k', initrdPath: '/i', commandLine: '' } },
    '/usr/bin/qemu-system-x86_64',
    [],
  );
  const { name, text } = qemuMachineProfile(access);
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('is named after instance and program', () => {
    expect(name).toBe('multipass.amber-fox.qemu-system-x86_64');
    expect(text).toContain(`profile ${name} flags=(attach_disconnected) {`);
  });

  it('gives write access to its own files only', () => {
    const writable = rules.filter((rule) => /^"[^"]*" r?w/.test(rule)).map((rule) => rule.split('"')[1]);
    expect(writable).toEqual([disk.path, spec.consoleLog, spec.log]);
  });

  it('lets memory be written while it is saved, and read where it goes on with some, by a descriptor alone', () => {
    const ofMemory = (memory: MachineMemory): string[] =>
      qemuMachineProfile(machineAccess({ ...spec, memory }, '/usr/bin/qemu-system-x86_64', []))
        .text.split('\n')
        .map((line) => line.trim())
        .filter((line) => line.includes('/memory'));
    const savePath = '/i/memory.part';
    expect(ofMemory({ savePath })).toEqual(['"/i/memory.part" w,']);
    expect(ofMemory({ savePath, loadPath: '/i/memory' })).toEqual(['"/i/memory.part" w,', '"/i/memory" r,']);
    expect(text).not.toContain('/memory');
  });

  it('lets backing file, seed and kernel be read and locked', () => {
    for (const file of [...disk.backingPaths, spec.cdrom.path, '/k', '/i']) expect(rules).toContain(`"${file}" rk,`);
  });

  it('allows no execution, no capability, no network but the tap, no mount and no change of profile', () => {
    expect(rules.filter((rule) => /\s[rwkml]*[ipcu]*x[\w]*,$/i.test(rule))).toEqual([]);
    expect(
      rules.filter((rule) =>
        /^(?:capability|network|mount|umount|pivot_root|change_profile|dbus|ptrace \(trace)/.test(rule),
      ),
    ).toEqual([]);
  });

  it('names /dev/kvm for a machine that uses it only', () => {
    expect(text).not.toContain('/dev/kvm');
    expect(
      qemuMachineProfile(machineAccess({ ...spec, accelerator: 'kvm' }, '/usr/bin/qemu-system-x86_64', [])).text,
    ).toContain('"/dev/kvm" rw,');
  });

  it('is not made at all where a path cannot be expressed', () => {
    expect(() =>
      qemuMachineProfile(
        machineAccess({ ...spec, cdrom: { ...spec.cdrom, path: '/a\nb' } }, '/usr/bin/qemu-system-x86_64', []),
      ),
    ).toThrow();
  });
});
