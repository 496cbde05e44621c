// SPDX-License-Identifier: MIT
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FirstUse } from '../../../native-helper/images/download/first-use.ts';

const mia = 1001;
const max = 1002;
const url = 'https://example.org/disk';
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-first-use-'));
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

function sha256(digit: string): { algorithm: 'sha256'; hex: string } {
  return { algorithm: 'sha256', hex: digit.repeat(64) };
}

describe('the digests of what came the first time', () => {
  it('are each user’s own, and stay for the next helper', async () => {
    await new FirstUse(directory).record(url, mia, sha256('a'));
    const book = new FirstUse(directory);
    expect(await book.digestOf(url, mia)).toEqual(sha256('a'));
    expect(await book.digestOf(url, max)).toBeUndefined();
    await Promise.all([book.record(url, max, sha256('b')), book.record(`${url}2`, mia, sha256('c'))]);
    expect([await book.digestOf(url, max), await book.digestOf(`${url}2`, mia)]).toEqual([sha256('b'), sha256('c')]);
  });

  it('are so many of a user and no more, and take none of another’s', async () => {
    const book = new FirstUse(directory);
    await book.record(url, max, sha256('b'));
    const long = (index: number): string => `https://example.org/${index}/`.padEnd(2048, 'x');
    for (let index = 0; index < 120; index += 1) await book.record(long(index), mia, sha256('a'));
    expect((await stat(path.join(directory, 'first-use.json'))).size).toBeLessThan(256 * 1024);
    expect(await book.digestOf(long(119), mia)).toEqual(sha256('a'));
    expect(await book.digestOf(long(0), mia)).toBeUndefined();
    expect(await book.digestOf(url, max)).toEqual(sha256('b'));
  });

  it('of an older version count for everybody', async () => {
    await writeFile(
      path.join(directory, 'first-use.json'),
      JSON.stringify({ schema: 1, digests: { [url]: sha256('a') } }),
    );
    const book = new FirstUse(directory);
    expect(await book.digestOf(url, max)).toEqual(sha256('a'));
    await book.record(`${url}2`, max, sha256('b'));
    expect(await new FirstUse(directory).digestOf(url, mia)).toEqual(sha256('a'));
  });

  it('are not trusted anew where the book cannot be read', async () => {
    await writeFile(path.join(directory, 'first-use.json'), 'no book');
    await expect(new FirstUse(directory).digestOf(url, mia)).rejects.toMatchObject({ code: 'record.not-json' });
    await expect(new FirstUse(directory).record(url, mia, sha256('a'))).rejects.toMatchObject({
      code: 'record.not-json',
    });
    expect(await readFile(path.join(directory, 'first-use.json'), 'utf8')).toBe('no book');
  });
});
