// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageImportParams } from '../../../contract/images.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { machineUsers } from '../../../native-helper/store/user-counter.ts';
import { childrenOf } from '../../support/children.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { indexDocument, listPath, productsDocument } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';
import { SigningKey } from '../../support/pgp.ts';
import { withoutBuiltIn } from '../../support/publisher.ts';

const mebibyte = 1024 ** 2;
const caller = 12_345;
let rig: ImageRig;
let key: SigningKey;
let images: LocalImages;

beforeAll(async () => {
  rig = await ImageRig.start();
  images = await rig.open();
  key = new SigningKey();
});
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
  key?.remove();
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
  void work
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  while (!isOver) {
    for (const pid of childrenOf('self')) {
      const look = rightsOf(pid);
      if (look) seen.set(look.program, look.rights);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
  await work;
  return seen;
}

/** Undefined when it ends, or becomes another program, under our eyes. */
function rightsOf(pid: string): { readonly program: string; readonly rights: Rights } | undefined {
  try {
    const before = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    if (readFileSync(`/proc/${pid}/cmdline`, 'latin1') !== before) return undefined;
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();
    const program = before.includes('fetch/main.ts')
      ? before.includes('\0read\0')
        ? 'read'
        : 'fetch'
      : path.basename(before.split('\0')[0] ?? '');
    return {
      program,
      rights: {
        uids: field('Uid'),
        groups: field('Groups'),
        capabilities: field('CapEff'),
        mayNotGain: field('NoNewPrivs') === '1',
        limits,
      },
    };
  } catch {
    return undefined;
  }
}

const limit = (name: string, value: number): RegExp => new RegExp(`^${name}\\s+${value}\\s+${value}\\s`, 'm');
/** The user that a program runs as, one of those that are given once. */
function uidOf(rights: Rights | undefined): number {
  const uid = Number(rights?.uids?.split('\t')[0]);
  expect(uid).toBeGreaterThanOrEqual(machineUsers.first);
  return uid;
}
const powerless = (uid: number): object => ({
  uids: [uid, uid, uid, uid].join('\t'),
  groups: '',
  capabilities: '0000000000000000',
  mayNotGain: true,
});

it('has nothing of a remote touched by a process with rights', async () => {
  const content = rig.in('content.qcow2');
  const raw = Buffer.alloc(32 * mebibyte);
  randomFillSync(raw, 0, 12 * mebibyte);
  // packs by a quarter, so that xz has work
  for (let at = 0; at < 12 * mebibyte; at += 1) raw[at] = (raw[at] ?? 0) & 63;
  await writeFile(`${content}.raw`, raw);
  await promisify(execFile)('sh', [
    '-c',
    'qemu-img convert -f raw -O qcow2 "$1.raw" "$1" && xz -0 -k "$1"',
    'sh',
    content,
  ]);
  const packed = await readFile(`${content}.xz`);
  // long enough for gpgv to be seen at work
  const products = `${productsDocument([{ version: '24.04', codename: 'noble', aliases: 'lts', builds: { '1': { ftype: 'img.xz', path: 'a.img.xz', content: packed } } }])}${' '.repeat(8 * mebibyte)}`;
  rig.server.put('streams/v1/index.json', indexDocument());
  rig.server.put('streams/v1/index.json.gpg', key.detached(indexDocument()));
  rig.server.put(listPath, products);
  rig.server.put(`${listPath}.gpg`, key.detached(products));
  rig.server.put('a.img.xz', packed);
  await images.configure(
    withoutBuiltIn(images.remotes(), { remotes: [{ name: 'signed', url: rig.server.url, keyring: key.keyring }] }),
  );
  const seen = await watchChildren(images.ensure('signed:24.04', operationContext()));
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['fetch', 'read', 'gpgv', 'xz', 'qemu-img']));
  for (const program of ['fetch', 'read', 'gpgv'])
    expect(seen.get(program), program).toMatchObject(powerless(1_899_999_998));
  const own = ['xz', 'qemu-img'].map((program) => uidOf(seen.get(program)));
  expect(new Set(own).size).toBe(2);
  for (const program of ['xz', 'qemu-img'])
    expect(seen.get(program), program).toMatchObject(powerless(uidOf(seen.get(program))));
  expect(seen.get('gpgv')?.limits).toMatch(limit('Max address space', 1024 * mebibyte));
  expect(seen.get('xz')?.limits).toMatch(/^Max file size\s+\d+\s+\d+\s/m);
  expect(seen.get('qemu-img')?.limits).toMatch(limit('Max address space', 2048 * mebibyte));
  expect(seen.get('qemu-img')?.limits).toMatch(limit('Max cpu time', 3600));
});

it('reads a user’s file with that user’s rights, and converts it with none', async () => {
  const file = rig.in('own.raw');
  await writeFile(file, randomFillSync(Buffer.alloc(64 * mebibyte)));
  await chown(file, caller, caller);
  await chmod(file, 0o600);
  const seen = await watchChildren(
    images.import(
      imageImportParams.parse({ path: file, format: 'raw', alias: 'own' }),
      operationContext({ uid: caller }),
    ),
  );
  expect(seen.get('dd')).toMatchObject({
    uids: [caller, caller, caller, caller].join('\t'),
    groups: '',
    capabilities: '0000000000000000',
  });
  expect(seen.get('qemu-img')).toMatchObject(powerless(uidOf(seen.get('qemu-img'))));
});
