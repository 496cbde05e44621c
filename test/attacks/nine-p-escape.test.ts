// SPDX-License-Identifier: MIT
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
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
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { englishOf } from '../../native-helper/core/said-error.ts';
import { isAlive, readStatus, referTo } from '../../native-helper/process/proc-fs.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { message, number32, number64, string, type } from '../../native-helper/shares/9p/messages.ts';
import { ninePServerChoice, NinePServers } from '../../native-helper/shares/9p/nine-p-server.ts';
import { startPipedServer, type PipedServer } from '../../native-helper/shares/piped-server.ts';
import { Files } from '../../native-helper/store/files.ts';
import type { MountRecord } from '../../native-helper/store/instance-record.ts';
import { jailedServer, jailedServers } from '../support/jailed-server.ts';
import { outcomeOf, RawNineP } from '../support/raw-nine-p.ts';
import { SharedFolder, someUser } from '../support/shared-folder.ts';
import { SwappedFile } from '../support/swapped-file.ts';

/** What a hostile root of the guest can do: speak 9P of its own to the product's server, in the product's jail. */
let folder: SharedFolder;
let directory: string;
let server: PipedServer | undefined;

const never = AbortSignal.timeout(600_000);
const instance = instanceName.parse('hostile');
const insideAs = { uid: 1000, gid: 1000 };
const refused = expect.stringMatching(/^refused/) as string;

beforeEach(async () => {
  folder = await SharedFolder.create('src', someUser);
  directory = await mkdtemp(path.join(tmpdir(), 'berth-jail-'));
  await chmod(directory, 0o755);
  await writeFile(folder.in('inside'), 'inside');
  await writeFile(folder.beside('outside'), 'outside');
  for (const file of [folder.in('inside'), folder.beside('outside')]) await chmod(file, 0o666);
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  expect(await readFile(folder.beside('outside'), 'utf8')).toBe('outside');
  await folder[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** The product's server; `unguarded` as it would be for a guest who got the better of the guard. */
async function begin(more: Partial<MountRecord> = {}, unguarded = false): Promise<PipedServer> {
  const options = {
    runner: new LocalProcessRunner(),
    files: new Files(path.join(directory, 'state'), path.join(directory, 'run')),
    assetsDirectory,
  };
  const mount: MountRecord = {
    id: '0badcafe',
    source: folder.path,
    target: '/mnt/x',
    isReadOnly: false,
    type: '9p',
    uidMaps: [],
    gidMaps: [],
    owner: someUser,
    ...more,
  };
  await server?.stop();
  server = unguarded
    ? await startPipedServer(
        options,
        {
          ...(await ninePServerChoice(instance, { mount, insideAs })),
          guard: { requests: new PassThrough(), responses: new PassThrough() },
        },
        never,
      )
    : await new NinePServers(options).start(instance, { mount, insideAs }, never);
  return server;
}

async function serve(more: Partial<MountRecord> = {}): Promise<RawNineP> {
  const { stdin, stdout } = await begin(more);
  return await RawNineP.start(stdin, stdout);
}

test('inside is served, as the user', async () => {
  const client = await serve();
  expect(await client.readFile(['inside'])).toBe('inside');
  expect(await client.create([], 'made', 'x')).toBe('done');
  expect(execFileSync('stat', ['-c', '%u %g', folder.in('made')], { encoding: 'utf8' })).toBe(
    `${someUser.uid} ${someUser.gid}\n`,
  );
  expect(await client.attributes(['made'])).toMatchObject(insideAs);
  expect(await client.list([])).toEqual(['.', '..', 'inside', 'made']);
});

const outside = [
  '/etc/hostname',
  '/etc/shadow',
  '/proc/self/environ',
  '/proc/1/root',
  '/root',
  '/home',
  '/run',
  '/tmp',
  '/dev/sda',
  '/old',
  '/usr',
];

test('no name leads out, whatever it is made of', async () => {
  const client = await serve();
  const top = path.dirname(folder.path);
  const walks = [
    ['..'],
    ['..', '..'],
    ['.'],
    [''],
    ['.', '..', 'etc'],
    ['inside', '..', '..', 'outside'],
    ['../outside'],
    ['../../etc/passwd'],
    ['/etc/hostname'],
    ['//etc'],
    ['a/b'],
    ['inside/'],
    ['in\0side'],
    [`${top}/outside`],
    ...outside.map((each) => [each]),
    ...outside.map((each) => ['..', '..', ...each.split('/').slice(1)]),
    ...outside.map((each) => [`..${each}`]),
  ];
  for (const names of walks) {
    expect([names, await client.walk(names)]).toEqual([names, refused]);
    expect([names, await client.create(names.slice(0, -1), names.at(-1) ?? '', 'x')]).toEqual([names, refused]);
    expect([names, await client.mkdir([], names.join('/'))]).toEqual([names, refused]);
    expect([names, await client.symlink([], names.join('/'), '/etc')]).toEqual([names, refused]);
    expect([names, await client.rename(['inside'], [], names.join('/'))]).toEqual([names, refused]);
    expect([names, await client.link(['inside'], [], names.join('/'))]).toEqual([names, refused]);
  }
  expect(await readdir(folder.path)).toEqual(['inside']);
  expect(await readdir(top)).toEqual(['outside', 'src']);
});

test('whoever attaches, to whatever, gets the folder as its user', async () => {
  const client = await serve();
  for (const [index, aname] of [
    '/',
    '/etc',
    'ctl',
    '',
    '/share/..',
    '/share/../etc',
    '/./etc/',
    '/xxxxx/../etc',
    path.dirname(folder.path),
    '/proc/self/root',
    '/proc/1/root/etc',
  ].entries()) {
    for (const who of [
      { uid: 0 },
      { uid: someUser.uid },
      { uid: 0xffff_ffff, uname: 'root' },
      { uid: 0xffff_ffff, uname: '../../etc' },
      { uid: 65_534, afid: 77 },
    ]) {
      const fid = 1_000_000 + index;
      expect(await client.attach(fid, aname, who)).toBe('done');
      expect(await client.readFile(['inside'], fid)).toBe('inside');
      for (const name of ['etc', 'proc', 'version', 'exports', 'connections', 'files', 'outside', 'share'])
        expect(await client.walk([name], fid)).toEqual(refused);
    }
  }
  expect(outcomeOf(await client.ask(type.auth, number32(77), string('root'), string('/share'), number32(0)))).toBe(
    'refused 95',
  );
});

test('no link leads out, whether the guest or the host made it', async () => {
  const client = await serve();
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
    const name = `evil${index}`;
    expect(await client.symlink([], name, to)).toBe('done');
    for (const below of ['hostname', 'shadow', 'outside', 'etc', 'root', 'passwd', 'null']) {
      expect([to, below, await client.readFile([name, below])]).toEqual([to, below, refused]);
      expect([to, below, await client.create([name], below, 'x')]).toEqual([to, below, refused]);
    }
    expect(await client.readFile([name])).toEqual(refused);
    expect(await client.writeFile([name], 'x')).toEqual(refused);
    expect(await client.create([name], 'pwned', 'x')).toEqual(refused);
  }
  await symlink(`${top}/outside`, folder.in('host-made'));
  expect(await client.readFile(['host-made'])).toEqual(refused);
  expect(await client.change(['host-made'], 8, { size: 0 })).toEqual(refused);
});

test('behind the guard the jail holds alone: the server itself sees nothing of the host', async () => {
  const { stdin, stdout } = await begin({}, true);
  const client = new RawNineP(stdin, stdout);
  expect(await client.version(65_536)).toBe('done');
  expect(await client.attach(0, '/share', { uname: 'user', uid: 0xffff_ffff })).toBe('done');
  expect(await client.readFile(['inside'])).toBe('inside');
  // The server compares no more than a slash of what is asked for: this is the jail's own root.
  expect(await client.attach(9, '/./././', { uname: 'user', uid: 0xffff_ffff })).toBe('done');
  expect(await client.list([], 9)).toEqual(['.', '..', 'dev', 'etc', 'lib', 'lib64', 'old', 'proc', 'share', 'usr']);
  expect(await client.list(['old'], 9)).toEqual(['.', '..']);
  expect(await client.readFile(['etc', 'passwd'], 9)).toBe('user:x:1000:1000::/share:/bin/false\n');
  const hosts = [
    'etc/hostname',
    'etc/shadow',
    'proc/1/root/etc/hostname',
    'proc/self/root/etc/hostname',
    'proc/self/cwd/etc/hostname',
    'root',
    'home',
    'run',
    'tmp',
    'dev/mem',
    'old/etc',
    'proc/2',
    path.join(path.dirname(folder.path), 'outside').slice(1),
  ];
  for (const each of hosts) {
    for (const names of [each.split('/'), [`.//../${each}`], ['..', '..', ...each.split('/')]])
      expect([names, await client.readFile(names, 9)]).toEqual([names, refused]);
    for (const names of [['..', ...each.split('/')], [`../${each}`], [`inside/../../../${each}`]])
      expect([names, await client.readFile(names)]).toEqual([names, refused]);
  }
  for (const each of ['', 'etc', 'usr', 'dev', 'lib', 'old', 'proc', 'proc/1/root', 'proc/sys/kernel']) {
    const names = each.split('/').filter((word) => word !== '');
    expect([each, await client.create(names, 'pwned', 'x', { from: 9 })]).toEqual([each, refused]);
  }
  for (const each of ['proc/sys/kernel/core_pattern', 'proc/sysrq-trigger', 'proc/1/uid_map', 'etc/passwd'])
    expect([each, await client.writeFile(each.split('/'), 'x', 9)]).toEqual([each, refused]);
  expect(await client.link(['../etc/passwd'], [], 'x')).toEqual(refused);
  expect(await client.mknod([], 'disk', 0o060666, [254, 0])).toEqual(refused);
});

test('what is mounted in the folder later is not seen', async () => {
  await mkdir(folder.in('later'));
  const client = await serve();
  execFileSync('mount', ['--bind', path.dirname(folder.path), folder.in('later')]);
  try {
    expect(await client.list(['later'])).toEqual(['.', '..']);
    expect(await client.readFile(['later', 'outside'])).toEqual(refused);
  } finally {
    execFileSync('umount', [folder.in('later')]);
  }
});

test("the server has the user's rights and no more", async () => {
  await writeFile(folder.in('roots'), 'root', { mode: 0o600 });
  const client = await serve();
  expect(await client.readFile(['roots'])).toEqual(refused);
  expect(await client.writeFile(['roots'], 'x')).toEqual(refused);
  expect(await client.change(['roots'], 1, { mode: 0o666 })).toEqual(refused);
  expect(await client.attributes(['roots'])).toMatchObject({ uid: 65_534, gid: 65_534 });
  for (const uid of [0, 65_534, someUser.uid]) {
    expect(await client.change(['inside'], 2, { uid })).toEqual(refused);
    expect(await client.change(['roots'], 6, { uid, gid: uid })).toEqual(refused);
  }
  const { inner: pid } = jailedServer(folder.path, 'diod');
  const status = await readStatus(pid);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    expect([set, status?.get(set)]).toEqual([set, '0000000000000000']);
  expect([status?.get('NoNewPrivs'), status?.get('Umask')]).toEqual(['1', '0000']);
  for (const kind of ['user', 'mnt', 'pid', 'net', 'ipc', 'uts']) {
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
    '/proc',
    '/share',
  ]);
});

test("a root who shares has root's files and none of its powers", async () => {
  await chown(folder.path, 0, 0);
  const client = await serve({ owner: { uid: 0, gid: 0 } });
  await chown(folder.in('inside'), someUser.uid, someUser.gid);
  await chmod(folder.in('inside'), 0o600);
  expect(await client.readFile(['inside'])).toEqual(refused);
  expect(await client.create([], 'made', 'x')).toBe('done');
  expect(await client.attributes(['made'])).toMatchObject(insideAs);
  expect(await client.change(['made'], 2, { uid: 0 })).toEqual(refused);
});

/** Flags of open(2): read, write, both; each with and without O_NONBLOCK, O_APPEND, O_TRUNC, O_CREAT, O_DIRECTORY. */
const waysToOpen = [0, 1, 2].flatMap((access) =>
  [0, 0o4000, 0o2000, 0o1000, 0o100, 0o4100, 0o200000, 0o7000].map((flags) => access | flags),
);

test('FIFOs, sockets and devices open for nobody who speaks 9P without a kernel', async () => {
  execFileSync('mkfifo', ['-m', '666', folder.in('fifo')]);
  execFileSync('mkfifo', ['-m', '666', folder.in('held')]);
  await symlink('fifo', folder.in('to-fifo'));
  execFileSync('mknod', ['-m', '666', folder.in('zero'), 'c', '1', '5']);
  execFileSync('mknod', ['-m', '666', folder.in('disk'), 'b', '254', '0']);
  const listener = createServer().listen(folder.in('socket'));
  // Somebody here waits on one of them, for both ways: an opening would succeed, and its end would be heard.
  const holder = spawn('perl', [
    '-e',
    'use Fcntl; sysopen(my $f, $ARGV[0], O_RDWR) or die; $| = 1; print "held\n"; print "came: $b\n" if sysread($f, my $b, 16);',
    folder.in('held'),
  ]);
  let came = '';
  holder.stdout.on('data', (text: Buffer) => {
    came += text.toString();
  });
  await once(holder.stdout, 'data');
  try {
    const client = await serve();
    for (const name of ['fifo', 'held', 'to-fifo', 'zero', 'disk', 'socket']) {
      for (const flags of waysToOpen) {
        expect([name, flags, await client.readFile([name], 0, flags)]).toEqual([name, flags, refused]);
        expect([name, flags, await client.writeFile([name], 'x', 0, flags)]).toEqual([name, flags, refused]);
      }
      for (const flags of [0o101, 0o301, 0o4101, 0o2102, 1, 0])
        expect([name, flags, await client.create([], name, 'x', { flags })]).toEqual([name, flags, refused]);
    }
    for (const mode of [0o010666, 0o140666, 0o020666, 0o060666, 0o040777, 0o120777])
      expect([mode, await client.mknod([], 'special', mode, [1, 3])]).toEqual([mode, refused]);
    expect(await client.mknod([], 'plain', 0o100644)).toBe('done');
    expect((await lstat(folder.in('fifo'))).isFIFO()).toBe(true);
    expect(came).toBe('held\n');
  } finally {
    holder.kill('SIGKILL');
    listener.close();
  }
});

test('a file that turns into a FIFO and back at full speed feeds nobody', async () => {
  const client = await serve();
  await using swapped = await SwappedFile.start(folder);
  // Not permitted: it was a FIFO at the first look. Stale: the open file was not the one looked at.
  const wanted = ['done', 'refused 1', 'refused 116'];
  const answers = await swapped.answers(wanted, () => client.writeFile(['x'], 'fed'));
  expect([...answers]).toEqual(expect.arrayContaining(wanted));
  expect(swapped.fed).toBe('');
});

test("an open file is not shortened by the name that is another's now", async () => {
  await writeFile(folder.in('a'), 'first');
  await chown(folder.in('a'), someUser.uid, someUser.gid);
  const client = await serve();
  const fid = await client.walk(['a']);
  if (typeof fid !== 'number') throw new Error(fid);
  expect(outcomeOf(await client.ask(type.lopen, number32(fid), number32(2)))).toBe('done');
  await rename(folder.in('a'), folder.in('b'));
  await writeFile(folder.in('a'), 'second');
  await chmod(folder.in('a'), 0o666);
  const shorten = [
    number32(fid),
    number32(8),
    number32(0),
    number32(0),
    number32(0),
    number64(0n),
    ...[0n, 0n, 0n, 0n].map(number64),
  ];
  expect(outcomeOf(await client.ask(type.setattr, ...shorten))).toBe('refused 116');
  expect(await readFile(folder.in('a'), 'utf8')).toBe('second');
});

test('counts, sizes and fids that lie cost nobody but the guest', async () => {
  for (const [msize, name, outcome] of [
    [0xffff_ffff, '9P2000.L', 'done'],
    [0x8000_0000, '9P2000.L', 'done'],
    [1 << 24, '9P2000.L', 'done'],
    [65_536, '9P2000', refused],
  ] as const) {
    const { stdin, stdout } = await begin();
    expect(await new RawNineP(stdin, stdout).version(msize, name)).toEqual(outcome);
  }
  const client = await serve();
  expect(await client.version(65_536)).toBe('refused 1'); // once on a connection
  const fid = await client.walk(['inside']);
  if (typeof fid !== 'number') throw new Error(fid);
  expect(outcomeOf(await client.ask(type.lopen, number32(fid), number32(2)))).toBe('done');
  expect(outcomeOf(await client.ask(type.lopen, number32(fid), number32(2)))).toEqual(refused);
  for (const count of [0xffff_ffff, 0xffff_ffe8, 0x7fff_ffff, 65_537]) {
    expect(outcomeOf(await client.ask(type.read, number32(fid), number64(0n), number32(count)))).toBe('refused 22');
    expect(outcomeOf(await client.ask(type.readdir, number32(fid), number64(0n), number32(count)))).toBe('refused 22');
  }
  for (const offset of [0xffff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n])
    expect(outcomeOf(await client.ask(type.read, number32(fid), number64(offset), number32(4096)))).toEqual(refused);
  // Attributes of diod before 1.1 are read and written past their memory.
  expect(outcomeOf(await client.ask(type.xattrwalk, number32(fid), number32(500), string('user.x')))).toBe(
    'refused 95',
  );
  expect(
    outcomeOf(await client.ask(type.xattrcreate, number32(fid), string('user.x'), number64(1n << 40n), number32(0))),
  ).toBe('refused 95');
  for (const unknown of [4711, 0xffff_ffff])
    expect(outcomeOf(await client.ask(type.read, number32(unknown), number64(0n), number32(1)))).toEqual(refused);
  // A fid that is used again is the new one.
  for (let each = 0; each < 50; each += 1) expect(await client.attach(0, '/share')).toBe('done');
  expect(await client.readFile(['inside'])).toBe('inside');
  expect(outcomeOf(await client.ask(type.walk, number32(fid), number32(fid), Buffer.from([1, 0]), string('x')))).toBe(
    'refused 22',
  );
  for (let each = 0; each < 200; each += 1) void client.ask(type.getattr, number32(fid), number64(0x7ffn));
  expect(await client.clunk(fid)).toBe('done');
  expect(await client.clunk(fid)).toEqual(refused);
});

test('what is no 9P ends the share', async () => {
  // The rest of what ends it is in the guard's unit tests.
  const cut = [
    Buffer.from([0xff, 0xff, 0xff, 0x7f, type.write, 0, 0]),
    message(type.clunk, 1),
    message(112, 1, number32(0), Buffer.from([0])),
  ];
  for (const bytes of cut) {
    const { stdin, ended } = await begin();
    stdin.write(bytes);
    expect([bytes.toString('hex'), englishOf(await ended)]).toEqual([
      bytes.toString('hex'),
      expect.stringMatching(/exit code|signal/),
    ]);
  }
  // Bytes that come one by one are the same message.
  const { stdin, stdout } = await begin();
  const version = message(type.version, 1, number32(8192), string('9P2000.L'));
  for (const byte of version) stdin.write(Buffer.from([byte]));
  expect(outcomeOf(await once(stdout, 'data').then(([answer]) => answer as Buffer))).toBe('done');
}, 60_000);

test('read-only refuses every way to write', async () => {
  const client = await serve({ isReadOnly: true });
  expect(await client.readFile(['inside'])).toBe('inside');
  const attempts = [
    client.writeFile(['inside'], 'x'),
    client.writeFile(['inside'], 'x', 0, 2),
    client.readFile(['inside'], 0, 0o1000),
    client.create([], 'new', 'x'),
    client.symlink([], 'l', 'x'),
    client.link(['inside'], [], 'h'),
    client.rename(['inside'], [], 'r'),
    client.change(['inside'], 1, { mode: 0o777 }),
    client.change(['inside'], 8, { size: 0 }),
    client.remove(['inside']),
    client.mkdir([], 'd'),
    client.mknod([], 'n', 0o100644),
  ];
  for (const attempt of await Promise.all(attempts)) expect(attempt).toEqual(refused);
  expect(await readdir(folder.path)).toEqual(['inside']);
  expect(await readFile(folder.in('inside'), 'utf8')).toBe('inside');
});

test("the end of the helper's side ends the server, and its profile goes", async () => {
  await serve();
  const ref = await referTo(jailedServer(folder.path, 'diod').inner);
  await server?.stop();
  expect(jailedServers(folder.path, 'diod')).toEqual([]);
  expect(ref && (await isAlive(ref))).toBe(false);
  expect(await readdir(path.join(directory, 'state/profiles'))).toEqual([]);
  expect(await readdir(path.join(directory, 'run/jail'))).toEqual([]);
});
