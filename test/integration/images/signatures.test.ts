// SPDX-License-Identifier: MIT
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imageSettings } from '../../../contract/images.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { digest, indexDocument, listPath, productsDocument } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';
import { SigningKey } from '../../support/pgp.ts';
import { withoutBuiltIn } from '../../support/publisher.ts';

const content = Buffer.alloc(65_536, 'image');
let ours: SigningKey;
let stranger: SigningKey;
let rig: ImageRig;
let vault: LocalImages;

beforeAll(async () => {
  [ours, stranger] = [new SigningKey(), new SigningKey()];
  rig = await ImageRig.start({ tuning: { stallMs: 5000, backOffMs: 20, attempts: 2 } });
  const family = (name: string, more: object) => ({
    schema: 1,
    name,
    title: name,
    os: name,
    url: `${rig.server.url}${name}/`,
    defaultUser: 'user',
    algorithm: 'sha256',
    architectures: { x86_64: 'x86_64', aarch64: 'aarch64' },
    releases: [{ release: '9', title: '9', folder: '9', image: 'image.qcow2', checksums: 'SUMS' }],
    ...more,
  });
  const rings = { keyrings: ['/nonexistent/ring', `${path.dirname(ours.armouredKeyring)}/RPM-GPG-KEY-{release}`] };
  await symlink(ours.armouredKeyring, path.join(path.dirname(ours.armouredKeyring), 'RPM-GPG-KEY-9'));
  vault = await rig.openWith([
    family('inline', { signature: 'inline', ...rings }),
    family('beside', { signature: '.gpg', ...rings }),
    family('keyless', { signature: '.gpg', keyrings: ['/nonexistent/ring'] }),
  ]);
});
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
  ours?.remove();
  stranger?.remove();
});

/** What a refresh of one remote finds: its verification, or the code of the error. */
async function look(name: string): Promise<string | undefined> {
  await vault.refresh(0, operationContext()).catch(() => undefined);
  const remote = vault.remotes().find((each) => each.name === name);
  return remote?.error?.code ?? remote?.verification;
}

describe('simplestreams with a keyring', () => {
  const products = productsDocument([
    {
      version: '24.04',
      codename: 'noble',
      aliases: 'lts',
      builds: { '1': { ftype: 'disk1.img', path: 'a.img', content } },
    },
  ]);
  const inlinePath = listPath.replace(/json$/, 'sjson');

  beforeEach(async () => {
    rig.server.clear();
    await vault.configure(
      withoutBuiltIn(vault.remotes(), { remotes: [{ name: 'signed', url: rig.server.url, keyring: ours.keyring }] }),
    );
  });

  const putIndex = (sign: (text: string) => Buffer): void =>
    rig.server.put('streams/v1/index.sjson', sign(indexDocument(inlinePath)));

  it('takes inline-signed lists, and what was signed only', async () => {
    putIndex((text) => ours.clearSigned(text));
    rig.server.put(
      inlinePath,
      Buffer.concat([Buffer.from('{"products": "put before the signature"}\n'), ours.clearSigned(products)]),
    );
    expect(await look('signed')).toBe('signature');
    expect(vault.catalogue({ uid: 0 }).find(({ alias }) => alias === 'signed:24.04')).toMatchObject({
      verification: 'signature',
      version: '1',
    });
  });

  it('takes lists with signatures beside them where there are no others', async () => {
    rig.server.put('streams/v1/index.json', indexDocument());
    rig.server.put('streams/v1/index.json.gpg', ours.detached(indexDocument()));
    rig.server.put(listPath, products);
    rig.server.put(`${listPath}.gpg`, ours.detached(products));
    expect(await look('signed')).toBe('signature');
  });

  it.each([
    ['changed after it was signed', () => Buffer.from(ours.clearSigned(products).toString().replace('24.04', '24.10'))],
    ['signed by a stranger', () => stranger.clearSigned(products)],
    ['not signed', () => ours.unsigned(products)],
    ['no signed document at all', () => Buffer.from(products)],
    ['cut short', () => ours.clearSigned(products).subarray(0, -200)],
  ])('refuses a list that is %s', async (_, make) => {
    putIndex((text) => ours.clearSigned(text));
    rig.server.put(inlinePath, make());
    expect(await look('signed')).toBe('image.signature-invalid');
  });

  it.each([
    ['is missing', () => undefined],
    ['is of another document', () => ours.detached('another')],
    ['is a stranger’s', () => stranger.detached(products)],
  ])('refuses a list whose signature %s', async (_, make) => {
    rig.server.put('streams/v1/index.json', indexDocument());
    rig.server.put('streams/v1/index.json.gpg', ours.detached(indexDocument()));
    rig.server.put(listPath, products);
    const signature = make();
    if (signature !== undefined) rig.server.put(`${listPath}.gpg`, signature);
    expect(await look('signed')).toBe('image.signature-invalid');
  });

  it('refuses everything when the keyring is gone', async () => {
    await vault.configure(
      withoutBuiltIn(vault.remotes(), {
        remotes: [{ name: 'signed', url: rig.server.url, keyring: '/nonexistent/ring' }],
      }),
    );
    putIndex((text) => ours.clearSigned(text));
    rig.server.put(inlinePath, ours.clearSigned(products));
    expect(await look('signed')).toBe('image.signature-invalid');
  });
});

describe('checksum lists of families', () => {
  const sums = `${digest('sha256', content)}  image.qcow2\n`;

  beforeEach(async () => {
    rig.server.clear();
    await vault.configure(imageSettings.parse({ disabled: ['ubuntu', 'ubuntu-daily'] }));
  });

  it.each([
    ['inline', 'signed within', () => rig.server.put('inline/9/SUMS', ours.clearSigned(sums)), 'signature'],
    [
      'inline',
      'signed within by a stranger',
      () => rig.server.put('inline/9/SUMS', stranger.clearSigned(sums)),
      'image.signature-invalid',
    ],
    ['inline', 'not signed', () => rig.server.put('inline/9/SUMS', sums), 'image.signature-invalid'],
    [
      'inline',
      'naming the image only outside what is signed',
      () => rig.server.put('inline/9/SUMS', Buffer.concat([Buffer.from(sums), ours.clearSigned('nothing\n')])),
      'image.catalogue-invalid',
    ],
    [
      'beside',
      'signed beside',
      () => {
        rig.server.put('beside/9/SUMS', sums);
        rig.server.put('beside/9/SUMS.gpg', ours.detached(sums));
      },
      'signature',
    ],
    ['beside', 'without its signature', () => rig.server.put('beside/9/SUMS', sums), 'image.signature-invalid'],
    [
      'beside',
      'signed beside by a stranger',
      () => {
        rig.server.put('beside/9/SUMS', sums);
        rig.server.put('beside/9/SUMS.gpg', stranger.detached(sums));
      },
      'image.signature-invalid',
    ],
    ['keyless', 'signed, where no keyring is installed', () => rig.server.put('keyless/9/SUMS', sums), 'https'],
  ] as const)('%s: a list that is %s', async (name, _, put, expected) => {
    put();
    expect(await look(name)).toBe(expected);
  });
});
