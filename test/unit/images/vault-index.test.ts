// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { fingerprint, imageAlias } from '../../../contract/names.ts';
import { mergeCatalogue } from '../../../native-helper/images/catalogue.ts';
import { imageRecord, type ImageRecord } from '../../../native-helper/images/image-record.ts';
import { VaultIndex } from '../../../native-helper/images/vault-index.ts';

const one = `${'a'.repeat(20)}${'1'.repeat(44)}`;
const two = `${'a'.repeat(20)}${'2'.repeat(44)}`;

function record(id: string, aliases: readonly string[], addedAt = '2026-01-01T00:00:00.000Z'): ImageRecord {
  return imageRecord.parse({
    schema: 1, fingerprint: id, aliases, title: 'T', os: 'linux', release: '1', architecture: 'x86_64', origin: 'imported',
    defaultUser: 'u', virtualBytes: 1024, fileBytes: 10, boot: 'disk', addedAt,
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
    expect(index.find('first')?.fingerprint).toBe(one);
    expect(index.find(two)?.fingerprint).toBe(two);
    expect(index.find(two.slice(0, 21))?.fingerprint).toBe(two);
  });

  it('says that a prefix means two', () => {
    expect(() => indexOf(record(one, []), record(two, [])).find(one.slice(0, 20))).toThrow(expect.objectContaining({ code: 'image.ambiguous' }));
  });

  it('finds nothing by a short prefix or another word', () => {
    const index = indexOf(record(one, []), record(two, []));
    expect(index.find(one.slice(0, 7))).toBeUndefined();
    expect(index.find('third')).toBeUndefined();
    expect(index.find('')).toBeUndefined();
  });

  it('gives an alias that two records name to the newest', () => {
    const index = indexOf(record(two, ['x'], '2026-02-01T00:00:00.000Z'), record(one, ['x']));
    expect(index.find('x')?.fingerprint).toBe(two);
  });

  it('tells which records lose an alias', () => {
    const index = indexOf(record(one, ['x', 'y']), record(two, ['z']));
    const losers = index.without([imageAlias.parse('x')], fingerprint.parse(two));
    expect(losers.map((loser) => [loser.fingerprint, loser.aliases])).toEqual([[one, ['y']]]);
  });
});

describe('imageRecord', () => {
  it('keeps keys it does not know', () => {
    expect(imageRecord.parse({ ...record(one, []), later: 1 })).toMatchObject({ later: 1 });
  });

  it.each([
    { schema: 2 }, { fingerprint: 'abc' }, { aliases: ['Bad Alias'] }, { boot: 'kernel' }, { virtualBytes: -1 }, { addedAt: 'yesterday' },
  ])('refuses %j', (change) => {
    expect(imageRecord.safeParse({ ...record(one, []), ...change }).success).toBe(false);
  });
});

describe('mergeCatalogue', () => {
  const offered = [{
    alias: imageAlias.parse('tiny'), title: 'Tiny', description: '', os: 'tiny', release: '12', architecture: 'x86_64' as const, origin: 'built' as const,
    defaultUser: 'berth', minMemoryBytes: 1, minDiskBytes: 1, cost: '2 minutes',
  }];

  it('says what costs nothing any more', () => {
    expect(mergeCatalogue(offered, [])).toEqual(offered);
    const [entry] = mergeCatalogue(offered, [record(one, ['tiny'])]);
    expect(entry).toMatchObject({ alias: 'tiny', fingerprint: one });
    expect(entry).not.toHaveProperty('cost');
  });

  it('lists an imported image under each of its aliases', () => {
    expect(mergeCatalogue(offered, [record(one, ['mine', 'also'])]).map((entry) => entry.alias)).toEqual(['tiny', 'mine', 'also']);
  });
});
