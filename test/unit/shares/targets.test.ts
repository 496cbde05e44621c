// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forbiddenLines, isNested, resolveTarget } from '../../../native-helper/shares/targets.ts';

describe('resolveTarget', () => {
  it('names it like the folder, below the home of the user', () => {
    expect(resolveTarget(undefined, '/home/me/my project', 'berth')).toBe('/home/berth/my project');
    expect(resolveTarget('work/', '/x', 'berth')).toBe('/home/berth/work');
    expect(resolveTarget('work', '/x', 'root')).toBe('/root/work');
    expect(resolveTarget('/srv//data/../web', '/x', 'berth')).toBe('/srv/web');
  });

  it.each([
    '/',
    '//',
    '/etc',
    '/etc/x',
    '/usr/local',
    '/proc/1',
    '/sys',
    '/dev/shm',
    '/boot/efi',
    '/bin',
    '/lib64/x',
    '/home',
    '/home/berth',
    '..',
    '.',
    '/var',
    '/run/berth',
    'a/../../../etc',
  ])('refuses %j', (target) => {
    expect(() => resolveTarget(target, '/x', 'berth')).toThrow(
      expect.objectContaining({ code: 'mount.target-refused' }) as Error,
    );
  });

  it.each(['/etcetera', '/usrdata', '/var/www', '/run/media', '/home/other', '/home/berth/x', '/mnt', '/opt/x'])(
    'takes %j',
    (target) => {
      expect(resolveTarget(target, '/x', 'berth')).toBe(target);
    },
  );

  it('asks for a target where the folder has no name', () => {
    expect(() => resolveTarget(undefined, '/', 'berth')).toThrow(/name a target/);
  });

  it('never lets anything through to a forbidden folder, however it is written', () => {
    const forbidden = forbiddenLines.split('\n').filter((line) => !line.endsWith('$'));
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', '', 'etc', 'usr', 'home', 'berth', 'x y', 'proc')),
        fc.boolean(),
        (parts, isAbsolute) => {
          let target: string;
          try {
            target = resolveTarget(`${isAbsolute ? '/' : ''}${parts.join('/')}`, '/name', 'berth');
          } catch {
            return;
          }
          expect(forbidden.filter((tree) => `${target}/`.startsWith(`${tree}/`))).toEqual([]);
          expect(target).toMatch(/^\/[^]*[^/]$/);
        },
      ),
    );
  });
});

describe('isNested', () => {
  it('tells what is one, above or below the other', () => {
    expect(isNested('/a/b', '/a/b')).toBe(true);
    expect(isNested('/a/b', '/a')).toBe(true);
    expect(isNested('/a', '/a/b')).toBe(true);
    expect(isNested('/a/b', '/a/bc')).toBe(false);
  });
});
