// SPDX-License-Identifier: MIT
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { number32, string, type } from '../../native-helper/shares/9p/messages.ts';
import { BareShare } from '../support/bare-share.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MountClient } from '../support/mount-client.ts';
import { outcomeOf } from '../support/raw-nine-p.ts';
import { SharedFolder, someUser } from '../support/shared-folder.ts';

/**
 * A guest's root that makes a program in the shared folder which any other user of this computer would run as the
 * folder's user; and one that fills disks with a single file.
 */
let folder: SharedFolder;
const refused = expect.stringMatching(/^refused/) as string;
const modes = [0o4755, 0o2755, 0o6777];
const setIdBits = 0o6000;

/** What of the folder, itself included, has set-user-id or set-group-id. */
async function setIds(): Promise<string[]> {
  const names = ['.', ...(await readdir(folder.path))];
  const found = await Promise.all(
    names.map(async (name) => [name, (await stat(folder.in(name))).mode & setIdBits] as const),
  );
  return found.filter(([, bits]) => bits !== 0).map(([name]) => name);
}

async function makeFolder(): Promise<void> {
  folder = await SharedFolder.create('src', someUser);
  await writeFile(folder.in('f'), 'program', { mode: 0o755 });
  await chmod(folder.in('f'), 0o777);
}

describe.each([
  ['with', false],
  ['without', true],
] as const)('who speaks a protocol himself, %s its guard', (_, isUnguarded) => {
  let share: BareShare;

  beforeEach(async () => {
    await makeFolder();
    await chmod(folder.path, 0o777);
    share = await BareShare.create();
  });
  afterEach(async () => {
    await share[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('gets no set-user-id and no large file by SFTP', async () => {
    const sftp = await share.sftp({ source: folder.path, isUnguarded, sizeLimitBytes: 1024 ** 2 });
    for (const mode of modes) {
      expect(await sftp.writeFile('/share/own', 'x')).toBe('done');
      for (const name of ['own', '.']) {
        expect([name, mode, await sftp.chmod(`/share/${name}`, mode)]).toEqual([name, mode, refused]);
        for (const how of ['fsetstat', 'lsetstat'] as const)
          if (how === 'lsetstat' || name === 'own')
            expect([how, name, await sftp.withMode(how, `/share/${name}`, mode)]).toEqual([how, name, refused]);
      }
      await sftp.withMode('open', `/share/made-${mode}`, mode);
      await sftp.withMode('mkdir', `/share/folder-${mode}`, mode);
    }
    expect(await sftp.chmod('/share/own', 0o1750)).toBe('done');
    expect(await setIds()).toEqual([]);
    expect(await sftp.resize('/share/own', 9e12)).toEqual(refused);
    expect(await sftp.resize('/share/own', 1024 ** 2)).toBe('done');
    expect(await sftp.readFile('/share/f')).toBe('program'); // the server lives
  });

  it('gets none by 9P, and no device', async () => {
    const client = await share.nineP({ source: folder.path, isUnguarded, sizeLimitBytes: 1024 ** 2 });
    expect(await client.create([], 'own', 'x')).toBe('done');
    for (const mode of modes) {
      for (const names of [['own'], []])
        expect([mode, names, await client.change(names, 1, { mode })]).toEqual([mode, names, refused]);
      const fid = await client.walk([]);
      if (typeof fid !== 'number') throw new Error(fid);
      expect(
        outcomeOf(
          await client.ask(
            type.lcreate,
            number32(fid),
            string(`made-${mode}`),
            number32(0o101),
            number32(mode),
            number32(0),
          ),
        ),
      ).toEqual(refused);
      await client.mknod([], `node-${mode}`, 0o100_000 | mode);
    }
    for (const kind of [0o020_666, 0o060_666]) expect(await client.mknod([], 'device', kind, [1, 5])).toEqual(refused);
    expect(await setIds()).toEqual([]);
    expect(await client.change(['own'], 8, { size: 9e12 })).toEqual(refused);
    expect(await client.readFile(['f'])).toBe('program');
  });

  it('gets what is no more than rights, also in a folder that has set-group-id here', async () => {
    await chmod(folder.path, 0o2777);
    const client = await share.nineP({ source: folder.path, isUnguarded });
    expect(await client.mkdir([], 'below')).toBe('done');
    expect(await client.change(['below'], 1, { mode: 0o755 })).toBe('done');
  });
});

describe('the root of a guest', () => {
  let helper: HelperProcess;
  let client: InstanceClient;
  let mounts: MountClient;

  beforeAll(async () => {
    await makeFolder();
    helper = await startHelper();
    const connection = await helper.connect();
    client = new InstanceClient(connection);
    mounts = new MountClient(connection);
    expect(await client.launch('one')).toMatchObject({ state: 'succeeded' });
  });
  afterAll(async () => {
    await helper?.stop();
    await folder?.[Symbol.asyncDispose]();
  });

  it.each(['virtiofs', 'sshfs'] as const)(
    "makes no program of the user's that others run as him: %s",
    async (transport) => {
      const own = await SharedFolder.create(transport);
      const kept = folder;
      folder = own;
      try {
        expect(
          await mounts.add('one', own.path, { target: '/mnt/x', type: transport, sizeLimitBytes: 16 * 1024 ** 2 }),
        ).toMatchObject({ state: 'connected', transport });
        const root = (line: string): ReturnType<InstanceClient['exec']> =>
          client.exec('one', 'sudo', 'sh', '-c', `cd /mnt/x && ${line}`);
        expect(await root('cp /bin/true f')).toMatchObject({ exitCode: 0, stderr: '' });
        for (const line of ['chmod 4755 f', 'chmod 2755 f', 'chmod 6777 .', 'chmod u+s f'])
          expect([line, (await root(line)).exitCode]).not.toEqual([line, 0]);
        await root(
          'cp f g; chown 1000:1000 g; chmod 6755 g; mknod device c 1 3; setcap cap_setuid+ep f; truncate -s 9T large; mkdir -m 6777 d',
        );
        expect(await setIds()).toEqual([]);
        expect((await readdir(own.path)).filter((name) => name === 'device')).toEqual([]);
        expect((await stat(own.in('large')).catch(() => undefined))?.size ?? 0).toBe(0);
        expect(await root('chmod 755 f && cp f true && ./true && cat f > copy')).toMatchObject({
          exitCode: 0,
          stderr: '',
        });
      } finally {
        await mounts.remove('one', '/mnt/x').catch(() => undefined); // it was not mounted
        folder = kept;
        await own[Symbol.asyncDispose]();
      }
    },
  );
});
