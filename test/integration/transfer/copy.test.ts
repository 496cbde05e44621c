// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Conflict, ConflictChoice, CopyProgress } from '../../../client/transfer/copier.ts';
import { copy } from '../../../client/transfer/copy.ts';
import { resolveDestination } from '../../../client/transfer/destination.ts';
import type { FileTree } from '../../../client/transfer/file-tree.ts';
import { localFiles } from '../../../client/transfer/local-files.ts';
import { PartFiles } from '../../../client/transfer/part-file.ts';
import { openGuestFiles, type OpenedFiles } from '../../../client/transfer/open-guest-files.ts';
import { hostileSftp } from '../../support/hostile-sftp.ts';
import { SftpServer } from '../../support/sftp-server.ts';
import { SharedFolder } from '../../support/shared-folder.ts';

let here: SharedFolder;
let there: SharedFolder;
let server: SftpServer;
let guest: OpenedFiles;

beforeEach(async () => {
  here = await SharedFolder.create('here');
  there = await SharedFolder.create('there');
  server = new SftpServer(there.path);
  guest = await openGuestFiles(server.stream);
});

afterEach(async () => {
  guest[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

/** What was told during a copy. */
class Told {
  readonly copied: string[] = [];
  readonly skipped: string[] = [];
  readonly failed: string[] = [];
  readonly conflicts: Conflict[] = [];
  last: CopyProgress | undefined;
  choice: (conflict: Conflict) => ConflictChoice | Promise<ConflictChoice> = () => 'replace';
  onProgress: (progress: CopyProgress) => void = () => undefined;

  observer = {
    progress: (progress: CopyProgress): void => {
      this.last = progress;
      this.onProgress(progress);
    },
    choose: async (conflict: Conflict): Promise<ConflictChoice> => {
      this.conflicts.push(conflict);
      return await this.choice(conflict);
    },
    copied: (path: string): void => void this.copied.push(path),
    skipped: (path: string): void => void this.skipped.push(path),
    failed: (path: string, reason: string): void => void this.failed.push(`${path}: ${reason}`),
  };
}

interface Paths {
  readonly sources: readonly string[];
  readonly destination: string;
  readonly signal?: AbortSignal;
}

async function run(
  from: FileTree,
  to: FileTree,
  { signal = new AbortController().signal, ...paths }: Paths,
  told = new Told(),
): Promise<Told> {
  const sources = paths.sources.map((source) => Buffer.from(source));
  const destination = await resolveDestination(to, Buffer.from(paths.destination), sources.length);
  await copy({ from, to, sources, destination }, told.observer, signal);
  return told;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const names = [
  Buffer.from('plain'),
  Buffer.from(' a b '),
  Buffer.from('"quoted" \'single\''),
  Buffer.from('comma,semi;colon:'),
  Buffer.from('line\nfeed'),
  Buffer.from('*?[x]'),
  Buffer.from('-rf'),
  Buffer.from('日本語 ümlaut'),
  Buffer.from([0x66, 0xff, 0xfe, 0x80]),
  Buffer.from('$(touch x)`y`'),
  Buffer.alloc(255, 'x'),
  Buffer.from('..hidden'),
  Buffer.from('back\\slash'),
];

describe.each([
  ['to the guest', true],
  ['out of it', false],
] as const)('copying %s', (_, isIn) => {
  const sides = () =>
    isIn
      ? { from: localFiles, to: guest.files, source: here, target: there }
      : { from: guest.files, to: localFiles, source: there, target: here };

  test('a tree arrives byte for byte: names, content, modes, times, links', async () => {
    const { from, to, source, target } = sides();
    const top = Buffer.from(source.in('tree'));
    await mkdir(top);
    for (const name of names) await writeFile(Buffer.concat([top, Buffer.from('/'), name]), name);
    await mkdir(source.in('tree', 'deep', 'er'), { recursive: true });
    const large = randomBytes(3 * 1024 * 1024 + 17);
    await writeFile(source.in('tree', 'deep', 'large'), large, { mode: 0o750 });
    await writeFile(source.in('tree', 'deep', 'empty'), '');
    await symlink('../plain', source.in('tree', 'deep', 'link'));
    await symlink('/nowhere at all', source.in('tree', 'dangling'));
    await chmod(source.in('tree', 'deep', 'er'), 0o500);
    await utimes(source.in('tree', 'deep', 'large'), 1_000_000_000, 1_000_000_000);
    const told = await run(from, to, { sources: [source.in('tree')], destination: target.path });
    expect(told.failed).toEqual([]);
    const arrived = Buffer.from(target.in('tree'));
    expect((await readdir(arrived, { encoding: 'buffer' })).map((name) => name.toString('latin1')).sort()).toEqual(
      [...names.map((name) => name.toString('latin1')), 'deep', 'dangling'].sort(),
    );
    for (const name of names)
      expect((await readFile(Buffer.concat([arrived, Buffer.from('/'), name]))).equals(name)).toBe(true);
    expect((await readFile(target.in('tree', 'deep', 'large'))).equals(large)).toBe(true);
    expect(await stat(target.in('tree', 'deep', 'large'))).toMatchObject({
      mode: 0o100750,
      mtimeMs: 1_000_000_000_000,
    });
    expect((await stat(target.in('tree', 'deep', 'er'))).mode & 0o777).toBe(0o500);
    expect(await readlink(target.in('tree', 'deep', 'link'))).toBe('../plain');
    expect(await readlink(target.in('tree', 'dangling'))).toBe('/nowhere at all');
    expect(told.last).toMatchObject({ filesDone: names.length + 2, filesTotal: names.length + 2 });
    expect(told.last?.bytesDone).toBe(told.last?.bytesTotal);
  });

  test('a sparse file stays one, whole to its last byte; one that is all there keeps its room', async () => {
    const { from, to, source, target } = sides();
    const bytes = 400 * 1024 ** 2;
    const data = randomBytes(4096);
    const lines = [
      [0, data],
      [123_456_789, data],
      [bytes / 2, Buffer.from('x')],
    ] as const;
    for (const [name, length] of [
      ['ends in a hole', bytes],
      ['ends in data', bytes / 2 + 1],
      ['a hole', bytes],
    ] as const) {
      await using file = await open(source.in(name), 'w');
      if (name !== 'a hole') for (const [at, part] of lines) await file.write(part, 0, part.length, at);
      await file.truncate(length);
    }
    await writeFile(source.in('zeros'), Buffer.alloc(1024 ** 2));
    const sources = ['ends in a hole', 'ends in data', 'a hole', 'zeros'].map((name) => source.in(name));
    const told = await run(from, to, { sources, destination: target.path });
    expect(told.failed).toEqual([]);
    expect(told.last).toMatchObject({ bytesDone: told.last?.bytesTotal });
    for (const name of ['ends in a hole', 'ends in data', 'a hole']) {
      const { size, blocks } = await stat(target.in(name));
      expect([size, blocks * 512 < 256 * 1024], `${name}: ${blocks} blocks`).toEqual([
        (await stat(source.in(name))).size,
        true,
      ]);
    }
    for (const name of ['ends in a hole', 'ends in data'])
      expect(await digestOf(target.in(name))).toBe(await digestOf(source.in(name)));
    const { size, blocks } = await stat(target.in('zeros'));
    expect(size).toBe(1024 ** 2);
    // What a guest has of it is not told by SFTP.
    if (from === localFiles) expect(blocks * 512).toBeGreaterThanOrEqual(size);
  }, 60_000);

  test('one that is there is replaced at once, kept beside, or left; folders are gone into', async () => {
    const { from, to, source, target } = sides();
    for (const folder of [source, target]) await mkdir(folder.in('f'));
    for (const name of ['a.txt', 'b.tar.gz', 'c']) {
      await writeFile(source.in('f', name), 'new');
      await writeFile(target.in('f', name), 'old');
    }
    await writeFile(target.in('f', 'b.tar (2).gz'), 'older');
    const told = new Told();
    told.choice = ({ path }) => (path.endsWith('a.txt') ? 'replace' : path.endsWith('b.tar.gz') ? 'keep-both' : 'skip');
    await run(from, to, { sources: [source.in('f')], destination: target.path }, told);
    const content = async (name: string): Promise<string> => await readFile(target.in('f', name), 'utf8');
    expect([
      await content('a.txt'),
      await content('b.tar.gz'),
      await content('b.tar (3).gz'),
      await content('c'),
    ]).toEqual(['new', 'old', 'new', 'old']);
    expect(told.skipped).toEqual([target.in('f', 'c')]);
    expect(told.conflicts[0]).toMatchObject({ existing: { kind: 'file', bytes: 3 }, coming: { bytes: 3 } });
    expect((await readdir(target.in('f'))).sort()).toEqual(['a.txt', 'b.tar (2).gz', 'b.tar (3).gz', 'b.tar.gz', 'c']);
  });

  test('a link at the destination is replaced, never written through; a folder is never replaced', async () => {
    const { from, to, source, target } = sides();
    await writeFile(target.beside('secret'), 'untouched');
    await symlink(target.beside('secret'), target.in('x'));
    await mkdir(target.in('y'));
    await symlink(target.beside('.'), target.in('z'));
    await mkdir(source.in('z'));
    for (const name of ['x', 'y', 'z/secret']) await writeFile(source.in(name), 'new');
    const told = await run(from, to, {
      sources: ['x', 'y', 'z'].map((name) => source.in(name)),
      destination: target.path,
    });
    expect(await readFile(target.beside('secret'), 'utf8')).toBe('untouched');
    expect((await lstat(target.in('x'))).isFile()).toBe(true);
    expect(told.failed.map((line) => line.split(': ')[1])).toEqual([
      'a folder of that name is there',
      'a file of that name is there',
    ]);
  });

  test('two sources of one name are a conflict too', async () => {
    const { from, to, source, target } = sides();
    for (const folder of ['one', 'two']) {
      await mkdir(source.in(folder));
      await writeFile(source.in(folder, 'same'), folder);
    }
    const told = new Told();
    told.choice = () => 'keep-both';
    await run(
      from,
      to,
      { sources: [source.in('one', 'same'), source.in('two', 'same')], destination: target.path },
      told,
    );
    expect([await readFile(target.in('same'), 'utf8'), await readFile(target.in('same (2)'), 'utf8')]).toEqual([
      'one',
      'two',
    ]);
  });

  test('what fails is named and holds nothing else back', async () => {
    const { from, to, source, target } = sides();
    await mkdir(source.in('f', 'sub'), { recursive: true });
    await writeFile(source.in('f', 'good'), 'x');
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [source.in('f', 'pipe')]);
    const told = await run(from, to, { sources: [source.in('f')], destination: target.path });
    expect(told.failed).toEqual([`${source.in('f', 'pipe')}: it is neither a file nor a folder`]);
    expect((await readdir(target.in('f'))).sort()).toEqual(['good', 'sub']);
  });

  test('a cancelled copy leaves whole files only', async () => {
    const { from, to, source, target } = sides();
    await writeFile(source.in('first'), 'whole');
    await writeFile(source.in('second'), randomBytes(64 * 1024 * 1024));
    const controller = new AbortController();
    const told = new Told();
    told.onProgress = ({ bytesDone }) => {
      if (bytesDone > 2 * 1024 * 1024) controller.abort();
    };
    await expect(
      run(
        from,
        to,
        { sources: [source.in('first'), source.in('second')], destination: target.path, signal: controller.signal },
        told,
      ),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(target.path)).toEqual(['first']);
  });

  test('a cancel while a question is open ends the copy', async () => {
    const { from, to, source, target } = sides();
    for (const folder of [source, target]) await writeFile(folder.in('x'), folder.path);
    const controller = new AbortController();
    const told = new Told();
    told.choice = async () => {
      controller.abort();
      return await new Promise<never>(() => undefined);
    };
    await expect(
      run(from, to, { sources: [source.in('x')], destination: target.path, signal: controller.signal }, told),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readFile(target.in('x'), 'utf8')).toBe(target.path);
  });

  test('what a killed copy left goes at the next one into that folder; what a living one makes does not', async () => {
    const { from, to, source, target } = sides();
    await mkdir(source.in('tree'));
    await mkdir(target.in('tree'));
    await writeFile(source.in('tree', 'f'), 'whole');
    // Another program, which dies where a copy would: it makes its file and is killed.
    const dying = `import { PartFiles } from '${import.meta.dirname}/../../../client/transfer/part-file.ts'; import { writeFileSync } from 'node:fs';
      const parts = await PartFiles.begin(); for (const folder of process.argv.slice(1)) writeFileSync(folder + '/' + parts.next(), 'half'); console.log('made'); setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      ['--input-type=module-typescript', '--no-warnings', '-e', dying, target.path, target.in('tree')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    using mine = await PartFiles.begin();
    const kept = [
      '.berth-0123456789abcdef.part',
      '.berth-01234567-89abcdef-1-1-01234567-1.part',
      mine.next().toString(),
    ]; // another's, another computer's, one of a copy under way here
    for (const name of kept) await writeFile(target.in('tree', name), '');
    const left = async (): Promise<string[]> =>
      [...(await readdir(target.path)), ...(await readdir(target.in('tree')))].filter(
        (name) => name.endsWith('.part') && !kept.includes(name),
      );
    expect(await left()).toHaveLength(2);
    await run(from, to, { sources: [source.in('tree')], destination: target.path });
    expect(await left()).toHaveLength(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await run(from, to, { sources: [source.in('tree')], destination: target.path })).failed).toEqual([]);
    expect(await left()).toEqual([]);
    expect((await readdir(target.in('tree'))).sort()).toEqual([...kept, 'f'].sort());
  });

  test('a destination that is no folder takes one source as its name', async () => {
    const { from, to, source, target } = sides();
    await writeFile(source.in('x'), 'x');
    await run(from, to, { sources: [source.in('x')], destination: target.in('renamed') });
    expect(await readdir(target.path)).toEqual(['renamed']);
    await expect(
      run(from, to, { sources: [source.in('x'), source.in('x')], destination: target.in('no') }),
    ).rejects.toThrow('is no folder');
    await expect(run(from, to, { sources: [source.in('x')], destination: target.in('no', 'way') })).rejects.toThrow(
      'is no folder',
    );
    await expect(run(from, to, { sources: [source.in('missing')], destination: target.path })).rejects.toThrow(
      'there is no such file or folder',
    );
  });
});

test('a guest that goes away ends the copy with the reason', async () => {
  await writeFile(here.in('large'), randomBytes(32 * 1024 * 1024));
  const told = new Told();
  told.onProgress = ({ bytesDone }) => {
    if (bytesDone > 1024 * 1024) server.kill();
  };
  await expect(run(localFiles, guest.files, { sources: [here.in('large')], destination: '.' }, told)).rejects.toThrow(
    'the connection to the guest was lost',
  );
});

test.each(['../evil', '/etc/evil', 'a/b', '..', '', 'nul\0'])(
  'a guest that lists %j writes nothing outside the destination',
  async (name) => {
    // `.` and `..` are what every server lists; the client passes over them.
    const told = new Told();
    using hostile = await openGuestFiles(hostileSftp([Buffer.from(name)]));
    await mkdir(here.in('safe'));
    await run(hostile.files, localFiles, { sources: ['/folder'], destination: here.in('safe') }, told);
    expect(told.failed).toEqual(
      name === '..' ? [] : [expect.stringMatching(/^\/folder: a file cannot have the name "/)],
    );
    expect(await readdir(here.path)).toEqual(['safe']);
    expect(await readdir(here.in('safe'))).toEqual(['folder']);
    expect(await readdir(here.in('safe', 'folder'))).toEqual([]);
  },
);

test('what answers with something else than SFTP is told from one', async () => {
  const stream = new PassThrough();
  stream.push('Welcome to this machine!\n');
  await expect(openGuestFiles(stream)).rejects.toThrow('no SFTP server');
});

test('files go from one guest to another', async () => {
  await using other = await SharedFolder.create('other');
  await using otherServer = new SftpServer(other.path);
  using otherGuest = await openGuestFiles(otherServer.stream);
  const content = randomBytes(700_000);
  await mkdir(there.in('d'));
  await writeFile(there.in('d', 'x'), content);
  expect((await run(guest.files, otherGuest.files, { sources: ['d'], destination: '.' })).failed).toEqual([]);
  expect((await readFile(other.in('d', 'x'))).equals(content)).toBe(true);
});

test('files that tell no size are read to their end', async () => {
  const told = await run(guest.files, localFiles, { sources: ['/proc/cpuinfo'], destination: here.path });
  expect(told.failed).toEqual([]);
  expect(await readFile(here.in('cpuinfo'), 'utf8')).toMatch(/^processor/m);
});

test('1,000 small files go in one go', async () => {
  await mkdir(here.in('many'));
  await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => await writeFile(here.in('many', String(index)), String(index))),
  );
  const told = await run(localFiles, guest.files, { sources: [here.in('many')], destination: '.' });
  expect(told.failed).toEqual([]);
  expect((await readdir(there.in('many'))).length).toBe(1000);
  expect(await readFile(there.in('many', '777'), 'utf8')).toBe('777');
});
