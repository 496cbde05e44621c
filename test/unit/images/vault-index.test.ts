// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { imageAlias, type ImageAlias } from '../../../contract/names.ts';
import { mergeCatalogue } from '../../../native-helper/images/catalogue/catalogue.ts';
import { imageRecord, type ImageRecord } from '../../../native-helper/images/vault/image-record.ts';
import { VaultIndex } from '../../../native-helper/images/vault/vault-index.ts';
import type { ImageWords } from '../../../native-helper/images/catalogue/words-for.ts';

const one = `${'a'.repeat(20)}${'1'.repeat(44)}`;
const [mia, max] = [1001, 1002];
const two = `${'a'.repeat(20)}${'2'.repeat(44)}`;

function record(id: string, aliases: readonly string[], addedAt = '2026-01-01T00:00:00.000Z'): ImageRecord {
  return imageRecord.parse({
    schema: 1,
    fingerprint: id,
    aliases: [],
    ownerUids: [mia],
    names: aliases.map((alias) => ({ uid: mia, alias, since: addedAt })),
    title: 'T',
    os: 'linux',
    release: '1',
    architecture: 'x86_64',
    origin: 'imported',
    defaultUser: 'u',
    virtualBytes: 1024,
    fileBytes: 10,
    boot: 'disk',
    addedAt,
  });
}

function indexOf(...records: readonly ImageRecord[]): VaultIndex {
  const index = new VaultIndex();
  for (const item of records) index.put(item);
  return index;
}

describe('VaultIndex', () => {
  it('finds by alias, fingerprint and unique prefix', () => {
    const index = indexOf(record(one, ['first']), record(two, ['second']));
    expect(index.find('first', mia)?.fingerprint).toBe(one);
    expect(index.find(two, mia)?.fingerprint).toBe(two);
    expect(index.find(two.slice(0, 21), mia)?.fingerprint).toBe(two);
  });

  it('says that a prefix means two', () => {
    expect(() => indexOf(record(one, []), record(two, [])).find(one.slice(0, 20), mia)).toThrow(
      expect.objectContaining({ code: 'image.ambiguous' }),
    );
  });

  it('finds nothing by a short prefix or another word', () => {
    const index = indexOf(record(one, []), record(two, []));
    expect(index.find(one.slice(0, 7), mia)).toBeUndefined();
    expect(index.find('third', mia)).toBeUndefined();
    expect(index.find('', mia)).toBeUndefined();
  });

  it('gives an alias that two records name to the newest', () => {
    const index = indexOf(record(two, ['x'], '2026-02-01T00:00:00.000Z'), record(one, ['x']));
    expect(index.find('x', mia)?.fingerprint).toBe(two);
  });

  it('gives nobody the names of another', () => {
    const index = indexOf(record(one, ['x']));
    expect(index.find('x', max)).toBeUndefined();
    expect(index.named('x', mia)?.fingerprint).toBe(one);
  });

  it("finds root's names and the catalogue's for everybody, a user's own first", () => {
    const roots = imageRecord.parse({
      ...record(two, []),
      ownerUids: [0],
      names: [{ uid: 0, alias: 'x', since: '2026-01-01T00:00:00.000Z' }],
    });
    const index = indexOf(
      record(one, ['x']),
      roots,
      imageRecord.parse({ ...record('b'.repeat(64), []), origin: 'built', aliases: ['tiny'] }),
    );
    expect(
      [index.find('x', mia), index.find('x', max), index.find('tiny', max)].map((found) => found?.fingerprint),
    ).toEqual([one, two, 'b'.repeat(64)]);
  });

  it('takes digits for a digest, whatever image has them for a name', () => {
    const index = indexOf(record(two, [one, one.slice(0, 12)]), record(one, []));
    for (const digits of [one, one.slice(0, 21)]) expect(index.find(digits, mia)?.fingerprint, digits).toBe(one);
    expect(index.find('f'.repeat(12), mia)).toBeUndefined();
  });

  it("finds another user's import by its whole digest only", () => {
    const index = indexOf(record(one, []));
    expect(index.find(one.slice(0, 40), max)).toBeUndefined();
    expect(index.find(one, max)?.fingerprint).toBe(one);
    expect(index.find(one.slice(0, 40), 0)?.fingerprint).toBe(one);
  });

  it('tells which records lose an alias', () => {
    const index = indexOf(record(one, ['x', 'y']), record(two, ['z']));
    const losers = index.without(record(two, ['x']));
    expect(losers.map((loser) => [loser.fingerprint, loser.names?.map(({ alias }) => alias)])).toEqual([[one, ['y']]]);
  });
});

describe('imageRecord', () => {
  it.each([
    { schema: 2 },
    { fingerprint: 'abc' },
    { aliases: ['Bad Alias'] },
    { boot: 'kernel' },
    { virtualBytes: -1 },
    { addedAt: 'yesterday' },
  ])('refuses %j', (change) => {
    expect(imageRecord.safeParse({ ...record(one, []), ...change }).success).toBe(false);
  });
});

describe('mergeCatalogue', () => {
  const namesOf = ({
    names = [],
  }: ImageRecord): readonly { readonly alias: ImageAlias; readonly words: ImageWords }[] =>
    names.map(({ alias }) => ({ alias, words: { title: 'T', defaultUser: 'u' } }));
  const offered = [
    {
      alias: imageAlias.parse('tiny'),
      title: 'Tiny',
      description: '',
      os: 'tiny',
      release: '12',
      architecture: 'x86_64' as const,
      origin: 'built' as const,
      defaultUser: 'berth',
      minMemoryBytes: 1,
      minDiskBytes: 1,
      cost: '2 minutes',
    },
  ];

  it('says what costs nothing any more', () => {
    expect(mergeCatalogue(offered, [], namesOf)).toEqual(offered);
    const [entry] = mergeCatalogue(offered, [{ ...record(one, []), aliases: [imageAlias.parse('tiny')] }], namesOf);
    expect(entry).toMatchObject({ alias: 'tiny', fingerprint: one });
    expect(entry).not.toHaveProperty('cost');
  });

  it('lists an imported image under each of its aliases', () => {
    expect(mergeCatalogue(offered, [record(one, ['mine', 'also'])], namesOf).map((entry) => entry.alias)).toEqual([
      'tiny',
      'mine',
      'also',
    ]);
  });
});
