// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { defaultQuotas, parseQuotas, QuotaFile } from '../../../native-helper/confinement/administrator/quotas.ts';

const log = pino({ level: 'silent' });

it("takes the administrator's numbers and keeps the others", () => {
  expect(parseQuotas('# for the class room\nmax_instances = 3\n')).toEqual({ ...defaultQuotas, max_instances: 3 });
});

it.each([
  ['max_instance = 3', 'line 1: there is no quota max_instance'],
  ['\nmax_images = -1', 'line 2: max_images: a whole number'],
  ['max_images = "many"', 'line 1: max_images: a whole number'],
  ['max_images = 99999999999999999999', 'line 1: max_images: a whole number'],
  ['max_images = 1\nmax_images = 2', 'line 2: max_images is set a second time'],
  ['toString = 1', 'line 1: there is no quota toString'],
])('refuses %j', (text, reason) => {
  expect(() => parseQuotas(text)).toThrow(reason);
});

it('refuses one too many, but never root', () => {
  const quotas = new QuotaFile('/nowhere', log);
  expect(() => quotas.require('max_instances', 1000, defaultQuotas.max_instances)).not.toThrow();
  expect(() => quotas.require('max_instances', 1000, defaultQuotas.max_instances + 1)).toThrow(
    'User 1000 can have at most 100 instances.',
  );
  expect(() => quotas.require('max_instances', 0, 10_000)).not.toThrow();
});

it('keeps the last quotas while the file cannot be relied on', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'berth-quotas-'));
  try {
    const quotas = new QuotaFile(directory, log);
    await quotas.refresh();
    writeFileSync(quotas.file, 'max_mounts = nonsense', { mode: 0o666 });
    await expect(quotas.read()).rejects.toMatchObject({ code: 'confinement.administrator-file' });
    await quotas.refresh();
    expect(quotas.current).toEqual(defaultQuotas);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
