// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { englishOf } from '../../native-helper/core/said-error.ts';
import { isAlive, readStatus, referTo } from '../../native-helper/process/proc-fs.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import {
  startPipedServer,
  type PipedServer,
  type PipedServersOptions,
} from '../../native-helper/shares/piped-server.ts';
import { SftpGuard } from '../../native-helper/shares/sshfs/sftp-guard.ts';
import { ShareServers, shareServerChoice } from '../../native-helper/shares/sshfs/share-server.ts';
import { Files } from '../../native-helper/store/files.ts';
import type { MountRecord } from '../../native-helper/store/instance-record.ts';
import { jailedServer, jailedServers } from '../support/jailed-server.ts';
import { RawSftp } from '../support/raw-sftp.ts';
import { SharedFolder, someUser } from '../support/shared-folder.ts';
import { SwappedFile } from '../support/swapped-file.ts';

const connectionLost = 'refused 7';

/** What a hostile root of the guest can do: speak SFTP of its own to the product's server, in the product's jail. */
let folder: SharedFolder;
let directory: string;
let server: PipedServer | undefined;

const never = AbortSignal.timeout(600_000);
const name = instanceName.parse('hostile');

beforeEach(async () => {
  folder = await SharedFolder.create('src', someUser);
  directory = await mkdtemp(path.join(tmpdir(), 'berth-jail-'));
  await chmod(directory, 0o755);
  await writeFile(folder.in('inside'), 'inside');
  await chmod(folder.in('inside'), 0o666);
  await writeFile(folder.beside('outside'), 'outside');
  await chmod(folder.beside('outside'), 0o666);
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await folder[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function options(): PipedServersOptions {
  return {
    runner: new LocalProcessRunner(),
    files: new Files(path.join(directory, 'state'), path.join(directory, 'run')),
    assetsDirectory,
  };
}

function mountOf(more: Partial<MountRecord> = {}): MountRecord {
  return {
    id: '0badcafe',
    source: folder.path,
    target: '/mnt/x',
    isReadOnly: false,
    type: 'sshfs',
    uidMaps: [],
    gidMaps: [],
    owner: someUser,
    ...more,
  };
}

async function serve(more: Partial<MountRecord> = {}): Promise<RawSftp> {
  server = await new ShareServers(options()).start(name, mountOf(more), never);
  return await RawSftp.start(server.stdin, server.stdout);
}

test('inside is served, as the user', async () => {
  const sftp = await serve();
  expect(await sftp.readFile('/share/inside')).toBe('inside');
  expect(await sftp.writeFile('/share/made', 'x')).toBe('done');
  expect(execFileSync('stat', ['-c', '%u %g', folder.in('made')], { encoding: 'utf8' })).toBe(
    `${someUser.uid} ${someUser.gid}\n`,
  );
});

test('no path leads out', async () => {
  const sftp = await serve();
  const top = path.dirname(folder.path);
  const up = '/share/../../../../../../../..';
  const outside = [
    ...[
      '/etc/hostname',
      '/etc/shadow',
      '/etc/ssh',
      '/proc/self/environ',
      '/proc/1/root/etc/hostname',
      '/proc/self/root/etc/hostname',
      '/proc/self/fd/0',
      '/sys/kernel',
      '/root',
      '/home',
      '/run',
      '/tmp',
      '/dev/sda',
      '/dev/vda',
      '/dev/mem',
      '/dev/shm',
      '/old/etc/hostname',
      '/old/proc',
      path.join(top, 'outside'),
      folder.path,
    ].flatMap((each) => [each, `${up}${each}`, `/share/.${up.slice(6)}${each}`]),
    '/share/../outside',
    '/share/inside/../../outside',
    '../outside',
    '../../outside',
    '/share//..//outside',
    '/./share/./../outside',
  ];
  for (const each of outside) {
    expect([each, await sftp.readFile(each)]).toEqual([each, expect.stringMatching(/^refused/)]);
    expect([each, await sftp.writeFile(`${each}/pwned`, 'x')]).toEqual([each, expect.stringMatching(/^refused/)]);
  }
  // All that there is beside the folder: the server's own files, none of which is the host's to keep.
  expect(await sftp.list('/')).toEqual(['.', '..', 'dev', 'etc', 'lib', 'lib64', 'old', 'share', 'usr']);
  expect(await sftp.list('/old')).toEqual(['.', '..']);
  expect(await sftp.readFile('/etc/passwd')).toBe(`user:x:${someUser.uid}:${someUser.gid}::/share:/bin/false\n`);
  for (const target of ['/', '/etc', '/usr', '/dev', '/lib', '/old'])
    expect(await sftp.writeFile(`${target}/pwned`, 'x')).toMatch(/^refused/);
});

test('no link leads out, whether the guest or the host made it', async () => {
  const sftp = await serve();
  const top = path.dirname(folder.path);
  for (const [index, to] of [
    '/etc',
    '/',
    '..',
    '../outside',
    `${top}/outside`,
    '/proc/self/root',
    '/proc/1/root',
    '../../../../../etc',
    '/old',
    '/dev',
  ].entries()) {
    expect(await sftp.symlink(to, `/share/evil${index}`)).toBe('done');
    for (const below of ['', '/hostname', '/shadow', '/outside', '/etc/hostname', '/root'])
      expect(await sftp.readFile(`/share/evil${index}${below}`)).toMatch(/^refused/);
    expect(await sftp.writeFile(`/share/evil${index}`, 'x')).toMatch(/^refused/);
    expect(await sftp.writeFile(`/share/evil${index}/pwned`, 'x')).toMatch(/^refused/);
    expect(await sftp.chmod(`/share/evil${index}`, 0o777)).toMatch(index === 2 ? /./ : /^refused|^done/);
  }
  await symlink(`${top}/outside`, folder.in('host-made'));
  expect(await sftp.readFile('/share/host-made')).toMatch(/^refused/);
  expect(await readFile(folder.beside('outside'), 'utf8')).toBe('outside');
  expect(await sftp.hardlink('/share/../outside', '/share/hard')).toMatch(/^refused/);
  expect(await sftp.hardlink('/etc/passwd', '/share/hard')).toMatch(/^refused/);
  expect(await sftp.rename('/share/inside', '/inside')).toMatch(/^refused/);
  expect(await sftp.rename('/etc/passwd', '/share/passwd')).toMatch(/^refused/);
});

test('what is mounted in the folder later is not seen, nor what lies below a mount', async () => {
  await mkdir(folder.in('later'));
  const sftp = await serve();
  execFileSync('mount', ['--bind', path.dirname(folder.path), folder.in('later')]);
  try {
    expect(await sftp.list('/share/later')).toEqual(['.', '..']);
    expect(await sftp.readFile('/share/later/outside')).toMatch(/^refused/);
  } finally {
    execFileSync('umount', [folder.in('later')]);
  }
});

test("the server has the user's rights and no more", async () => {
  await writeFile(folder.in('roots'), 'root', { mode: 0o600 });
  await writeFile(folder.in('script'), '#!/bin/sh\n', { mode: 0o755 });
  const sftp = await serve();
  expect(await sftp.readFile('/share/roots')).toMatch(/^refused/);
  expect(await sftp.writeFile('/share/roots', 'x')).toMatch(/^refused/);
  expect(await sftp.chmod('/share/roots', 0o666)).toMatch(/^refused/);
  expect(await sftp.chown('/share/inside', 0, 0)).toMatch(/^refused/);
  expect(await sftp.chown('/share/roots', someUser.uid, someUser.gid)).toMatch(/^refused/);
  const { inner: pid } = jailedServer(folder.path, 'sftp-server');
  const status = await readStatus(pid);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    expect([set, status?.get(set)]).toEqual([set, '0000000000000000']);
  expect(status?.get('NoNewPrivs')).toBe('1');
  expect(status?.get('Groups')).toBe('');
  expect(status?.get('Umask')).toBe('0000');
  for (const kind of ['mnt', 'pid', 'net', 'ipc', 'uts']) {
    expect(execFileSync('readlink', [`/proc/${pid}/ns/${kind}`], { encoding: 'utf8' })).not.toBe(
      execFileSync('readlink', [`/proc/self/ns/${kind}`], { encoding: 'utf8' }),
    );
  }
  const mounted = execFileSync('cat', [`/proc/${pid}/mountinfo`], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[4]);
  expect(mounted.filter((each) => !/^\/(usr|lib|lib64)\//.test(each ?? '')).sort()).toEqual([
    '/',
    '/dev/null',
    '/share',
  ]);
});

test('devices open for nobody', async () => {
  execFileSync('mknod', ['-m', '666', folder.in('zero'), 'c', '1', '5']);
  execFileSync('mknod', ['-m', '666', folder.in('disk'), 'b', '254', '0']);
  const sftp = await serve();
  for (const device of ['zero', 'disk']) expect(await sftp.readFile(`/share/${device}`)).toMatch(/^refused/);
});

test('FIFOs and sockets open for nobody who speaks SFTP without a kernel', async () => {
  execFileSync('mkfifo', ['-m', '666', folder.in('fifo')]);
  await symlink('fifo', folder.in('to-fifo'));
  const listener = createServer().listen(folder.in('socket'));
  const sftp = await serve();
  // Whoever opens one that nobody holds would wait for ever: an answer says that it was not opened.
  for (const name of ['fifo', 'to-fifo', 'socket']) {
    expect([name, await sftp.readFile(`/share/${name}`)]).toEqual([name, 'refused 3']);
    expect([name, await sftp.writeFile(`/share/${name}`, 'x')]).toEqual([name, 'refused 3']);
    expect([name, await sftp.append(`/share/${name}`, 'x')]).toEqual([name, 'refused 3']);
  }
  expect(await sftp.append('/share/inside', '!')).toBe('done');
  expect(await sftp.readFile('/share/inside')).toBe('inside!');
  expect(await sftp.makeNew('/share/new')).toBe('done');
  expect(await sftp.makeNew('/share/fifo')).toMatch(/^refused/);
  listener.close();
});

test('a server that waits in a FIFO that took the place of a file is ended', async () => {
  const begun = await startPipedServer(
    options(),
    { ...(await shareServerChoice(name, mountOf())), guard: new SftpGuard(1000) },
    never,
  );
  server = begun;
  const sftp = await RawSftp.start(begun.stdin, begun.stdout);
  for (let answer = ''; answer !== connectionLost;) {
    execFileSync('mkfifo', ['-m', '666', folder.in('fifo')]);
    await writeFile(folder.in('file'), 'x', { mode: 0o644 });
    await sftp.look('/share/file'); // what was looked at just now is opened unseen
    renameSync(folder.in('fifo'), folder.in('file'));
    answer = await sftp.readFile('/share/file');
    await rm(folder.in('file'));
  }
  await begun.ended;
});

test.each([false, true])(
  'a file that turns into a FIFO and back at full speed feeds nobody (looked at before: %s)',
  async (isLookedAt) => {
    const sftp = await serve();
    await using swapped = await SwappedFile.start(folder);
    const wanted = ['done', 'refused 3'];
    const answers = await swapped.answers(wanted, async () => {
      if (isLookedAt) await sftp.look('/share/x');
      return await sftp.append('/share/x', 'fed');
    });
    expect([...answers].sort()).toEqual(expect.arrayContaining(wanted));
    expect(swapped.fed).toBe('');
  },
);

test('what is no SFTP ends the share', async () => {
  await serve();
  server?.stdin.write(Buffer.from([0, 0, 0, 5, 99, 0, 0, 0, 1]));
  expect(englishOf((await server?.ended) ?? '')).toMatch(/exit code|signal/);
  await serve();
  server?.stdin.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 3, 0, 0, 0, 1]));
  expect(englishOf((await server?.ended) ?? '')).toMatch(/exit code|signal/);
});

test('read-only refuses every way to write', async () => {
  const sftp = await serve({ isReadOnly: true });
  expect(await sftp.readFile('/share/inside')).toBe('inside');
  const attempts = [
    sftp.writeFile('/share/inside', 'x'),
    sftp.writeFile('/share/new', 'x'),
    sftp.symlink('x', '/share/l'),
    sftp.hardlink('/share/inside', '/share/h'),
    sftp.rename('/share/inside', '/share/r'),
    sftp.chmod('/share/inside', 0o777),
    sftp.remove('/share/inside'),
    sftp.makeFolder('/share/d'),
  ];
  for (const attempt of await Promise.all(attempts)) expect(attempt).toMatch(/^refused/);
  expect(await readdir(folder.path)).toEqual(['inside']);
});

test('a folder that became a link is refused, whoever changed it, and so is one reached by a link', async () => {
  const secret = folder.beside('secret');
  await mkdir(secret);
  await rename(folder.path, `${folder.path}.old`);
  await symlink(secret, folder.path);
  await expect(serve()).rejects.toMatchObject({ code: 'mount.source-changed' });
  await rm(folder.path);
  await symlink(`${folder.path}.old`, folder.path);
  await expect(serve()).rejects.toMatchObject({ code: 'mount.source-changed' });
  await rm(folder.path);
  await rename(`${folder.path}.old`, folder.path);
});

test('a swap while it is served does not move the share', async () => {
  const sftp = await serve();
  const secret = folder.beside('secret');
  await mkdir(secret);
  await writeFile(path.join(secret, 'inside'), 'secret', { mode: 0o644 });
  await rename(folder.path, `${folder.path}.old`);
  await symlink(secret, folder.path);
  expect(await sftp.readFile('/share/inside')).toBe('inside');
  await rm(folder.path);
  await rename(`${folder.path}.old`, folder.path);
});

test('swaps at full speed never serve another folder', async () => {
  const secret = folder.beside('secret');
  await mkdir(secret, { mode: 0o755 });
  await writeFile(path.join(secret, 'inside'), 'secret', { mode: 0o644 });
  const over = new AbortController();
  const swapping = (async () => {
    while (!over.signal.aborted) {
      await rename(folder.path, `${folder.path}.old`);
      await symlink(secret, folder.path);
      await rm(folder.path);
      await rename(`${folder.path}.old`, folder.path);
      await delay(Math.random() * 20); // the attacker's own pace: some openings meet the folder, some the link
    }
  })();
  let served = 0;
  for (let attempt = 0; attempt < 25 || served === 0; attempt += 1) {
    const sftp = await serve().catch((error: { code?: string }) => {
      expect(error.code).toMatch(/^mount\.source-(changed|denied)$/);
      return undefined;
    });
    if (!sftp) continue;
    served += 1;
    expect(await sftp.readFile('/share/inside')).toBe('inside');
    await server?.stop();
  }
  over.abort();
  await swapping;
}, 120_000);

test('a folder that the user may not enter is refused with the reason', async () => {
  await chown(folder.path, 0, 0);
  await chmod(folder.path, 0o700);
  await expect(serve()).rejects.toMatchObject({ code: 'mount.source-denied', params: { reason: 'Permission denied' } });
});

test("a file linked into the folder by its user is the user's own doing, and stays with its rights", async () => {
  await link(folder.beside('outside'), folder.in('linked'));
  const sftp = await serve();
  expect(await sftp.readFile('/share/linked')).toBe('outside');
});

test("the end of the helper's side ends the server, and its profile goes", async () => {
  await serve();
  const ref = await referTo(jailedServer(folder.path, 'sftp-server').inner);
  await server?.stop();
  expect(jailedServers(folder.path, 'sftp-server')).toEqual([]);
  expect(ref && (await isAlive(ref))).toBe(false);
  expect(await readdir(path.join(directory, 'state/profiles'))).toEqual([]);
  expect(await readdir(path.join(directory, 'run/jail'))).toEqual([]);
});
