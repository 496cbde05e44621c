// SPDX-License-Identifier: MIT
import { randomFillSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageImportParams, imageSettings } from '../../../contract/images.ts';
import { assetsDirectory } from '../../../native-helper/core/assets.ts';
import { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { ImageServer } from '../../support/image-server.ts';
import { indexDocument, listPath, productsDocument } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';
import { SigningKey } from '../../support/pgp.ts';

const mebibyte = 1024 ** 2;
const caller = 12_345;
const runner = new LocalProcessRunner();
let directory = '';
let server: ImageServer;
let key: SigningKey;
let images: LocalImages;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-rights-'));
  await chmod(directory, 0o755);
  const files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  for (const each of [files.stateDirectory, files.work]) await mkdir(each, { mode: 0o711 });
  images = await LocalImages.open({ files, runner, log: pino({ level: 'silent' }), assetsDirectory });
  server = await ImageServer.start();
  key = new SigningKey();
});
afterAll(async () => {
  await images.settled();
  await server.close();
  key.remove();
  await rm(directory, { recursive: true, maxRetries: 5 });
});

/** What proc_pid_status(5) and proc_pid_limits(5) say of a program that works for us. */
interface Rights {
  readonly uids: string | undefined;
  readonly groups: string | undefined;
  readonly capabilities: string | undefined;
  readonly mayNotGain: boolean;
  readonly limits: string;
}

/** Looks at our children again and again while `work` goes on; each program by its name as it was last seen. */
async function watchChildren(work: Promise<unknown>): Promise<ReadonlyMap<string, Rights>> {
  const seen = new Map<string, Rights>();
  let isOver = false;
  void work.catch(() => undefined).finally(() => { isOver = true; });
  while (!isOver) {
    for (const pid of childrenOfOurs()) {
      const look = rightsOf(pid);
      if (look) seen.set(look.program, look.rights);
    }
    await new Promise((resolve) => { setTimeout(resolve, 2); });
  }
  await work;
  return seen;
}

function childrenOfOurs(): readonly string[] {
  return readdirSync('/proc/self/task').flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter((pid) => pid !== ''));
}

/** Undefined when it ends, or becomes another program, under our eyes. */
function rightsOf(pid: string): { readonly program: string; readonly rights: Rights } | undefined {
  try {
    const before = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    if (readFileSync(`/proc/${pid}/cmdline`, 'latin1') !== before) return undefined;
    const field = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();
    const program = before.includes('fetch/main.ts') ? (before.includes('"read"') ? 'read' : 'fetch') : path.basename(before.split('\0')[0] ?? '');
    return { program, rights: { uids: field('Uid'), groups: field('Groups'), capabilities: field('CapEff'), mayNotGain: field('NoNewPrivs') === '1', limits } };
  } catch {
    return undefined;
  }
}

const limit = (name: string, value: number): RegExp => new RegExp(`^${name}\\s+${value}\\s+${value}\\s`, 'm');
const powerless = (uid: number): object => ({ uids: [uid, uid, uid, uid].join('\t'), groups: '', capabilities: '0000000000000000', mayNotGain: true });

it('has nothing of a remote touched by a process with rights', async () => {
  const content = path.join(directory, 'content.qcow2');
  const raw = Buffer.alloc(32 * mebibyte);
  randomFillSync(raw, 0, 12 * mebibyte);
  for (let at = 0; at < 12 * mebibyte; at += 1) raw[at] = (raw[at] ?? 0) & 63; // packs by a quarter, so that xz has work
  await writeFile(`${content}.raw`, raw);
  await runner.run({ program: 'sh', args: ['-c', 'qemu-img convert -f raw -O qcow2 "$1.raw" "$1" && xz -0 -k "$1"', 'sh', content], confinement: 'none-needed' }, { signal: AbortSignal.timeout(60_000) });
  const packed = await readFile(`${content}.xz`);
  // long enough for gpgv to be seen at work
  const products = `${productsDocument([{ version: '24.04', codename: 'noble', aliases: 'lts', builds: { '1': { ftype: 'img.xz', path: 'a.img.xz', content: packed } } }])}${' '.repeat(8 * mebibyte)}`;
  server.put('streams/v1/index.json', indexDocument());
  server.put('streams/v1/index.json.gpg', key.detached(indexDocument()));
  server.put(listPath, products);
  server.put(`${listPath}.gpg`, key.detached(products));
  server.put('a.img.xz', packed);
  await images.configure(imageSettings.parse({ remotes: [{ name: 'signed', url: server.url, keyring: key.keyring }], disabled: images.remotes().map(({ name }) => name) }));
  const seen = await watchChildren(images.ensure('signed:24.04', operationContext()));
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['fetch', 'read', 'gpgv', 'xz', 'qemu-img']));
  for (const program of ['fetch', 'read', 'gpgv']) expect(seen.get(program), program).toMatchObject(powerless(1_899_999_998));
  for (const program of ['xz', 'qemu-img']) expect(seen.get(program), program).toMatchObject(powerless(65_534));
  expect(seen.get('gpgv')?.limits).toMatch(limit('Max address space', 1024 * mebibyte));
  expect(seen.get('xz')?.limits).toMatch(/^Max file size\s+\d+\s+\d+\s/m);
  expect(seen.get('qemu-img')?.limits).toMatch(limit('Max address space', 2048 * mebibyte));
  expect(seen.get('qemu-img')?.limits).toMatch(limit('Max cpu time', 3600));
});

it('reads a user’s file with that user’s rights, and converts it with none', async () => {
  const file = path.join(directory, 'own.raw');
  await writeFile(file, randomFillSync(Buffer.alloc(64 * mebibyte)));
  await chown(file, caller, caller);
  await chmod(file, 0o600);
  const seen = await watchChildren(images.import(imageImportParams.parse({ path: file, format: 'raw', alias: 'own' }), operationContext({ uid: caller })));
  expect(seen.get('dd')).toMatchObject({ uids: [caller, caller, caller, caller].join('\t'), groups: '', capabilities: '0000000000000000' });
  expect(seen.get('qemu-img')).toMatchObject(powerless(65_534));
});
