// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { ForwardSshfs } from '../../bench/lib/forward-sshfs.ts';
import { runInGuest } from '../../bench/lib/guest.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { copyProgram } from '../support/copy-program.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MountClient } from '../support/mount-client.ts';
import { SharedFolder } from '../support/shared-folder.ts';
import { failingStressors, stressors } from '../support/stress-suite.ts';

/**
 * Suites that others wrote, and large trees: on both ways into a guest, with plain sshfs of the guest beside them.
 * Needs fio, stress-ng, git and openssh-server.
 */
const mebibyte = 1024 ** 2;
const repository = path.resolve(import.meta.dirname, '../..');
const run = (program: string): string => `/opt/tools/ld.so --library-path /opt/tools /opt/tools/${program}`;
const name = instanceName.parse('one');

let helper: HelperProcess;
let connection: HelperConnection;
let plain: ForwardSshfs;
const folders = new Map<string, SharedFolder>();
const transports = ['sshfs', 'virtiofs'] as const;

const guest = (line: string): Promise<string> => runInGuest(connection, name, line);
const folderOf = (transport: string): SharedFolder => {
  const folder = folders.get(transport);
  if (!folder) throw new Error(`no folder for ${transport}`);
  return folder;
};

beforeAll(async () => {
  helper = await startHelper();
  connection = await helper.connect();
  const mounts = new MountClient(connection);
  expect(await new InstanceClient(connection).launch('one')).toMatchObject({ state: 'succeeded' });
  for (const transport of [...transports, 'plain', 'tools'])
    folders.set(transport, await SharedFolder.create(transport));
  for (const transport of transports)
    expect(
      await mounts.add('one', folderOf(transport).path, { target: `/mnt/${transport}`, type: transport }),
    ).toMatchObject({ state: 'connected', transport });
  const tools = folderOf('tools');
  for (const program of ['/usr/bin/fio', '/usr/bin/stress-ng', '/usr/bin/git']) await copyProgram(program, tools.path);
  await copyFile(path.join(repository, 'node_modules/@esbuild/linux-x64/bin/esbuild'), tools.in('esbuild'));
  await mounts.add('one', tools.path, { target: '/mnt/tools', isReadOnly: true });
  await guest('mkdir -p /opt && cp -r /mnt/tools /opt/tools');
  // git runs itself by name
  await guest(
    `printf '#!/bin/sh\\nexec ${run('git')} "$@"\\n' > /usr/bin/git && printf '#!/bin/sh\\nexec git upload-pack "$@"\\n' > /usr/bin/git-upload-pack && chmod 755 /usr/bin/git /usr/bin/git-upload-pack`,
  );
  await mkdir(tools.in('ssh'));
  plain = await ForwardSshfs.start({
    connection,
    name,
    folder: folderOf('plain').path,
    directory: tools.in('ssh'),
    target: '/mnt/plain',
  });
}, 180_000);
afterAll(async () => {
  await plain?.[Symbol.asyncDispose]();
  await helper?.stop();
  for (const folder of folders.values()) await folder[Symbol.asyncDispose]();
});

test('files cannot be given away by virtiofs, whose server has no capability, whoever asked for the mount', async () => {
  await guest('echo x > /mnt/virtiofs/kept; ! chown 12345 /mnt/virtiofs/kept 2> /dev/null');
  expect((await stat(folderOf('virtiofs').in('kept'))).uid).toBe(process.getuid?.());
});

test.each(stressors)(
  'stress-ng %s passes where it does on plain sshfs',
  async (stressor) => {
    const failing = (transport: string, seconds = 2): Promise<readonly string[]> =>
      failingStressors({ connection, name, program: run('stress-ng') }, `/mnt/${transport}`, {
        chosen: [stressor],
        seconds,
      });
    let oracle = await failing('plain');
    for (const transport of transports) {
      const failed = await failing(transport);
      // What is slower does not come as far in the same time.
      if (failed.some((each) => !oracle.includes(each))) oracle = await failing('plain', 15);
      expect([transport, failed.filter((each) => !oracle.includes(each))]).toEqual([transport, []]);
    }
  },
  240_000,
);

describe.each(transports)('%s', (transport) => {
  test('fio writes at random and finds it all again', async () => {
    await guest(
      `cd /mnt/${transport} && ${run('fio')} --name=v --directory=. --size=24M --rw=randrw --bsrange=512-64k --verify=crc32c --verify_fatal=1 --ioengine=psync --fsync_on_close=1 > /tmp/said 2>&1 || { cat /tmp/said >&2; exit 1; }`,
    );
  }, 240_000);

  test('a file of 2 GB is the same on both sides', async () => {
    await guest(
      `cd /mnt/${transport} && for at in 0 1023 2047; do dd if=/dev/urandom of=large bs=1M count=1 seek=$at conv=notrunc 2> /dev/null; done; sync`,
    );
    expect((await stat(folderOf(transport).in('large'))).size).toBe(2048 * mebibyte);
    await using file = await open(folderOf(transport).in('large'));
    for (const at of [0, 1023, 2047]) {
      const { buffer } = await file.read(Buffer.alloc(mebibyte), 0, mebibyte, at * mebibyte);
      expect(
        (await guest(`dd if=/mnt/${transport}/large bs=1M count=1 skip=${at} 2> /dev/null | sha256sum`)).slice(0, 64),
      ).toBe(createHash('sha256').update(buffer).digest('hex'));
    }
  }, 240_000);

  test('10,000 files made in the guest are here, and deleted there are gone', async () => {
    await guest(
      `mkdir /mnt/${transport}/many && cd /mnt/${transport}/many && i=0; while [ $i -lt 10000 ]; do echo $i > f$i; i=$((i + 1)); done`,
    );
    expect((await readdir(folderOf(transport).in('many'))).sort()).toEqual(
      Array.from({ length: 10_000 }, (_, index) => `f${index}`).sort(),
    );
    expect(await readFile(folderOf(transport).in('many', 'f9999'), 'utf8')).toBe('9999\n');
    await guest(`rm -r /mnt/${transport}/many`);
    expect(await readdir(folderOf(transport).path)).not.toContain('many');
  }, 300_000);

  test('a repository with its npm packages is cloned and built, to the byte as here', async () => {
    const source = folderOf(transport).in('source');
    for (const part of [
      'messages',
      'contract',
      'node_modules/zod',
      'node_modules/intl-messageformat',
      'node_modules/@formatjs',
      'package.json',
    ])
      cpSync(path.join(repository, part), path.join(source, part), { recursive: true });
    execFileSync('sh', [
      '-c',
      'cd "$1" && git init -q . && git add -Af && git -c user.name=t -c user.email=t@t commit -qm all',
      'sh',
      source,
    ]);
    const build = '--bundle contract/methods.ts --format=esm --platform=node --outfile=out.mjs --log-level=error';
    await guest(
      `cd /mnt/${transport} && git -c safe.directory='*' clone -q --no-hardlinks source clone && cd clone && /opt/tools/esbuild ${build}`,
    );
    execFileSync('sh', [
      '-c',
      `cd "$1" && "$2" ${build}`,
      'sh',
      source,
      path.join(repository, 'node_modules/@esbuild/linux-x64/bin/esbuild'),
    ]);
    expect(
      (await readFile(folderOf(transport).in('clone/out.mjs'))).equals(await readFile(path.join(source, 'out.mjs'))),
    ).toBe(true);
    expect(
      execFileSync('git', ['-c', 'safe.directory=*', 'status', '--porcelain'], {
        cwd: folderOf(transport).in('clone'),
        encoding: 'utf8',
      }),
    ).toBe('?? out.mjs\n');
  }, 300_000);
});
