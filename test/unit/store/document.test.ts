// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../../../native-helper/core/log.ts';
import { documentKind, loadDocument, parseDocument, writeDocument } from '../../../native-helper/store/document.ts';

const log = createLogger('silent');

/** Version 1 had one disk, version 2 a list of them, version 3 says what a disk is for. */
const kind = documentKind(
  z.object({
    schema: z.literal(3),
    name: z.string(),
    disks: z.array(z.object({ path: z.string(), use: z.string() })),
  }),
  {
    identities: { disks: ['path'] },
    steps: [
      ({ disk, ...others }) => ({ ...others, disks: [{ path: disk }] }),
      ({ disks, ...others }) => ({
        ...others,
        disks: (disks as object[]).map((each, index) => ({ use: index === 0 ? 'boot' : 'data', ...each })),
      }),
    ],
  },
);

describe('versions', () => {
  const newest = { schema: 3, name: 'web', disks: [{ path: '/a', use: 'boot' }] };

  it('are gone through step by step', () => {
    expect(parseDocument(kind, '{"schema":1,"name":"web","disk":"/a"}', 'x.json')).toEqual(newest);
    expect(parseDocument(kind, '{"schema":2,"name":"web","disks":[{"path":"/a"}]}', 'x.json')).toEqual(newest);
    expect(parseDocument(kind, JSON.stringify(newest), 'x.json')).toEqual(newest);
  });
});

describe('what cannot be used is told in a sentence', () => {
  it.each([
    ['{"schema":1', 'The file /x.json does not hold a JSON object.'],
    ['[1]', 'The file /x.json does not hold a JSON object.'],
    ['{"name":"web"}', 'In the file /x.json, schema is missing or has a value that Berth cannot use.'],
    ['{"schema":"1"}', 'In the file /x.json, schema is missing or has a value that Berth cannot use.'],
    ['{"schema":2,"disks":7}', 'In the file /x.json, schema is missing or has a value that Berth cannot use.'],
    [
      '{"schema":3,"name":"web","disks":[{"path":"/a","use":7}]}',
      'In the file /x.json, disks.0.use is missing or has a value that Berth cannot use.',
    ],
    ['{"schema":4}', 'The file /x.json was written by a newer version of Berth.'],
  ])('%s', (text, sentence) => {
    expect(() => parseDocument(kind, text, '/x.json')).toThrow(sentence);
  });
});

describe('on the disk', () => {
  let room: string;
  let file: string;
  beforeEach(async () => {
    room = await mkdtemp(path.join(os.tmpdir(), 'berth-document-'));
    file = path.join(room, 'x.json');
  });
  afterEach(async () => await rm(room, { recursive: true }));

  it('what a later version wrote survives being read and written', async () => {
    const later = { schema: 3, name: 'web', disks: [{ path: '/a', use: 'boot', cache: 'none' }], colour: 'red' };
    await writeFile(file, JSON.stringify(later));
    const read = await loadDocument(kind, file, log);
    if (!read) throw new Error('it was not read');
    expect(read).toMatchObject({ schema: 3, name: 'web', disks: [{ path: '/a', use: 'boot' }] });
    const written = await writeDocument(kind, file, { ...read, name: 'db' });
    await writeDocument(kind, file, { ...written, disks: [{ path: '/b', use: 'data' }, ...written.disks] });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      ...later,
      name: 'db',
      disks: [{ path: '/b', use: 'data' }, ...later.disks],
    });
  });

  it('is set aside where it is none, whatever it is', async () => {
    const made: Readonly<Record<string, () => Promise<unknown>>> = {
      text: () => writeFile(file, '{'),
      directory: () => mkdir(file),
      link: () => symlink('/etc/passwd', file),
    };
    for (const make of Object.values(made)) {
      await make();
      expect(await loadDocument(kind, file, log)).toBeUndefined();
    }
    expect((await readdir(room)).filter((name) => name.startsWith('x.json.corrupt-'))).toHaveLength(3);
    expect(await loadDocument(kind, file, log)).toBeUndefined();
  });

  it("stays where it is where it is a later version's", async () => {
    await writeFile(file, '{"schema":9}');
    await expect(loadDocument(kind, file, log)).rejects.toMatchObject({ code: 'record.newer' });
    expect([await readdir(room), await readFile(file, 'utf8')]).toEqual([['x.json'], '{"schema":9}']);
  });

  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('is damaged where %s lie deeper in each other than any record of ours', async (_, open, close) => {
    const nested = (levels: number): string =>
      `{"schema":3,"name":"web","disks":[],"later":${open.repeat(levels)}${open === '[' ? '' : '1'}${close.repeat(levels)}}`;
    const content = parseDocument(kind, nested(50), file);
    await writeDocument(kind, file, content);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(nested(50)));
    for (const levels of [70, 5000, 1_000_000])
      expect(() => parseDocument(kind, nested(levels), '/x.json')).toThrow(
        'In the file /x.json, later is missing or has a value that Berth cannot use.',
      );
  });

  it("stays where it is where it is a later version's and deeper than any of ours", async () => {
    const later = `{"schema":9,"name":"web","more":${'['.repeat(5000)}${']'.repeat(5000)}}`;
    await writeFile(file, later);
    await expect(loadDocument(kind, file, log)).rejects.toMatchObject({ code: 'record.newer' });
    expect([await readdir(room), await readFile(file, 'utf8')]).toEqual([['x.json'], later]);
  });

  it('is never written so that it could not be read again', async () => {
    const wrong = { schema: 3, name: 7, disks: [] } as unknown as z.infer<typeof kind.schema>;
    await expect(writeDocument(kind, file, wrong)).rejects.toMatchObject({ code: 'internal.bug' });
    expect(await readdir(room)).toEqual([]);
  });
});
