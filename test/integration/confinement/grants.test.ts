// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeFor, openFor } from '../../../native-helper/confinement/grants/file-access.ts';
import { resolveGrant } from '../../../native-helper/confinement/grants/resolve-grant.ts';
import type { Actor } from '../../../native-helper/core/seams/operation.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { assetsDirectory } from '../hypervisor/fixture.ts';

const run = promisify(execFile);
const signal = AbortSignal.timeout(110_000);
const runner = new LocalProcessRunner();
const mia: Actor = { uid: 4000, gid: 4000, pid: 1 };
const root: Actor = { uid: 0, gid: 0, pid: 1 };
const machine = { uid: 61000, gid: 61000 };
let place: string;
let home: string;
let file: string;

beforeAll(async () => {
  place = await mkdtemp('/var/tmp/berth-grants-');
  await chmod(place, 0o755);
  home = path.join(place, 'home');
  file = path.join(home, 'discs/my disc.iso');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, 'disc', { mode: 0o600 });
  await writeFile(path.join(place, 'roots'), 'secret', { mode: 0o600 });
  for (const each of [home, path.dirname(file), file]) await chown(each, mia.uid, mia.gid);
});
afterAll(async () => {
  await rm(place, { recursive: true });
});

const resolve = (asked: string, actor: Actor = mia, mode: 'r' | 'rw' = 'r') =>
  resolveGrant({ path: asked, mode }, actor, {
    runner,
    assetsDirectory,
    ownDirectories: [path.join(place, 'state')],
    signal,
  });
const reads = (uid: number, target: string): Promise<boolean> =>
  run('setpriv', [
    `--reuid=${uid}`,
    `--regid=${uid}`,
    '--clear-groups',
    '--bounding-set=-all',
    '--inh-caps=-all',
    'cat',
    target,
  ]).then(
    () => true,
    () => false,
  );
const entries = async (target: string): Promise<string> => (await run('getfacl', ['-cpn', target])).stdout;

describe('who may give what', () => {
  it("a file of one's own, by where it really is", async () => {
    await symlink(file, path.join(place, 'link'));
    const { ino } = await stat(file);
    expect(await resolve(path.join(place, 'link'))).toEqual({
      path: file,
      mode: 'r',
      kind: 'file',
      file: { gid: mia.gid, inode: String(ino), born: expect.stringMatching(/^\d+\.\d{9}$/) as string },
    });
    expect(await resolve(file, mia, 'rw')).toMatchObject({ mode: 'rw' });
  });

  it('not what one may not open oneself, by a link neither', async () => {
    await symlink('/etc/shadow', path.join(home, 'shadow'));
    const secret = path.join(place, 'roots');
    await expect(resolve(secret)).rejects.toMatchObject({
      code: 'grant.denied',
      params: { uid: 4000, path: secret, reason: 'Permission denied' },
    });
    await expect(resolve(path.join(home, 'shadow'))).rejects.toMatchObject({
      code: 'grant.denied',
      params: { reason: 'Permission denied' },
    });
    await chmod(path.join(place, 'roots'), 0o644);
    await expect(resolve(secret, mia, 'rw')).rejects.toMatchObject({ code: 'grant.denied' });
    expect(await resolve(secret)).toMatchObject({ path: secret });
    await chmod(path.join(place, 'roots'), 0o600);
  });

  it('nothing that is no file or device, nothing that is not there, and makes none', async () => {
    const pipe = path.join(home, 'pipe');
    await run('mkfifo', [pipe]);
    await expect(resolve(home)).rejects.toMatchObject({
      params: { reason: expect.stringContaining('it is a folder') as string },
    });
    await expect(resolve(pipe)).rejects.toMatchObject({
      params: { reason: expect.stringContaining('neither a file nor a device') as string },
    });
    await expect(resolve(path.join(home, 'gone'), mia, 'rw')).rejects.toMatchObject({
      params: { reason: 'No such file' },
    });
    expect((await run('ls', [home])).stdout).not.toContain('gone');
  });

  it("nothing of the kernel's or of Berth's own", async () => {
    await mkdir(path.join(place, 'state'));
    await writeFile(path.join(place, 'state/disk'), '');
    for (const each of ['/proc/version', '/sys/kernel/uevent_seqnum', path.join(place, 'state/disk')])
      await expect(resolve(each, root)).rejects.toMatchObject({
        code: 'grant.denied',
        params: { reason: expect.stringContaining('nothing below') as string },
      });
  });

  it('devices only root, and by their node in /dev', async () => {
    await expect(resolve('/dev/full')).rejects.toMatchObject({
      params: { reason: 'only root gives devices to machines' },
    });
    await symlink('/dev/full', path.join(place, 'by-name'));
    expect(await resolve(path.join(place, 'by-name'), root, 'rw')).toEqual({
      path: '/dev/full',
      mode: 'rw',
      kind: 'device',
    });
  });

  it('no path that a profile could not name exactly', async () => {
    const strange = path.join(home, 'a\nb');
    await writeFile(strange, '');
    await expect(resolve(strange, root)).rejects.toMatchObject({
      code: 'grant.denied',
      params: { reason: 'its path cannot be written in a profile' },
    });
  });
});

describe("what the machine's user may then", () => {
  const options = { giver: mia, machine, runner, signal };

  it('open this file, through folders that nobody else may enter; and no longer when it is taken back', async () => {
    expect(await reads(machine.uid, file)).toBe(false);
    await openFor(file, 'r', options);
    expect([
      await reads(machine.uid, file),
      await reads(61001, file),
      await reads(machine.uid, path.join(home, 'shadow')),
    ]).toEqual([true, false, false]);
    expect(await entries(home)).toContain('user:61000:--x');
    expect(await entries(file)).toContain('user:61000:r--');
    await closeFor(file, [], options);
    expect(await reads(machine.uid, file)).toBe(false);
    for (const each of [file, home]) expect(await entries(each)).not.toContain('61000');
  });

  it('keep the way to another file that it has still', async () => {
    const second = path.join(home, 'second.iso');
    await writeFile(second, '', { mode: 0o600 });
    await chown(second, mia.uid, mia.gid);
    await openFor(file, 'rw', options);
    await openFor(second, 'r', options);
    await closeFor(file, [second], options);
    expect([await reads(machine.uid, file), await reads(machine.uid, second)]).toEqual([false, true]);
    await closeFor(second, [], options);
    expect(await entries(home)).not.toContain('61000');
  });

  it("is not more than the giver could give: of a file of root's nothing, and nothing is left", async () => {
    const secret = path.join(home, 'roots-in-home');
    await writeFile(secret, 'x', { mode: 0o600 });
    await expect(openFor(secret, 'r', options)).rejects.toMatchObject({
      code: 'grant.denied',
      params: { uid: 4000, path: secret },
    });
    expect(await entries(home)).not.toContain('61000');
    await openFor(secret, 'r', { ...options, giver: root });
    expect(await reads(machine.uid, secret)).toBe(true);
    await closeFor(secret, [], { ...options, giver: root });
    expect(await reads(machine.uid, secret)).toBe(false);
  });
});
