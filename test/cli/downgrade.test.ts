// SPDX-License-Identifier: MIT
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helperBundle } from '../../scripts/lib/paths.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { NewerVersion } from '../support/newer-version.ts';
import { runBerth } from './run-berth.ts';

/**
 * A newer helper's records have one key more in every object ({@link NewerVersion}). This version's helper takes the
 * state over, with a machine that runs, changes what it can, and the newer one takes it back.
 */
let newer: NewerVersion;
let helper: HelperProcess;
let folders: string;
let before: { readonly web: unknown; readonly image: unknown; readonly settings: unknown };
beforeAll(async () => {
  newer = await NewerVersion.build();
  helper = await startHelper({ bundle: newer.helper });
  folders = await mkdtemp(path.join(os.tmpdir(), 'berth-folders-'));
  await writeFile(path.join(folders, 'given'), '');
});
afterAll(async () => {
  await helper.terminate();
  await helper.restart(helperBundle);
  await helper.stop();
  await newer[Symbol.asyncDispose]();
  await rm(folders, { recursive: true });
});

test('a newer helper has an instance whose machine runs', async () => {
  await berth('launch', 'tiny', '--without-apparmor', '--name', 'web', '--memory', '256M');
  await request('instances.grant', { name: 'web', path: path.join(folders, 'given'), mode: 'r' });
});

test('its records know what this version does not', async () => {
  for (const target of ['/srv/a', '/srv/b']) await berth('mount', folders, `web:${target}`);
  await settings(20);
  await change(newer.helper); // what came to be since it began is read, and gets its marks
  await consent();
  await pin(true);
  await settings(21);
  before = { web: await record('web'), image: await image(), settings: await file('image-settings.json') };
  expect(Object.keys(marksOf(before.web))).toEqual(
    expect.arrayContaining([
      'mark',
      'image.mark',
      'boots.1.phases.sshd.mark',
      'machine.spec.disks.disk.place.mark',
      'machine.spec.nics.nic0.mark',
      'machine.spec.hardware.mark',
      'machine.spec.security.qemu.mark',
      'places.nic0.mark',
      'security.grants./given.mark',
      'mounts./srv/a.owner.mark',
    ]),
  );
});

test('this helper takes the machine over, changes what it can, and keeps the rest', async () => {
  await change(helperBundle);
  expect(await readFile(helper.logFile, 'utf8')).toMatch(/"keys":\[[^\]]*"mounts\.owner\.mark"/);
  await berth('umount', 'web:/srv/a');
  await consent();
  await pin(false);
  await settings(22);
  expect(missing(before.web, await record('web'))).toEqual(under(before.web, 'mounts./srv/a.'));
});

test('it stops the machine and starts another', async () => {
  await berth('stop', 'web', '--force');
  await berth('start', 'web');
  await berth('stop', 'web', '--force');
});

test('nothing is lost, and the newer helper goes on with it', async () => {
  const gone = [...under(before.web, 'mounts./srv/a.'), ...under(before.web, 'machine.')].sort();
  const expectKept = async (): Promise<void> => {
    expect(missing(before.web, await record('web'))).toEqual(gone);
    expect(missing(before.image, await image())).toEqual([]);
    expect(missing(before.settings, await file('image-settings.json'))).toEqual([]);
  };
  await expectKept();
  await change(newer.helper);
  await consent();
  await pin(true);
  await settings(23);
  await expectKept();
});

async function change(bundle: string): Promise<void> {
  await helper.terminate();
  await helper.restart(bundle);
}

async function berth(...args: string[]): Promise<void> {
  const { exitCode, stderr } = await runBerth(helper.runDirectory, args);
  expect([args, exitCode, stderr]).toEqual([args, 0, expect.anything()]);
}

async function request(
  method: 'instances.set-security' | 'instances.grant' | 'images.pin' | 'images.configure',
  params: object,
): Promise<void> {
  const connection = await helper.connect();
  await connection.request(method, params as never);
  connection.close();
}

/** A change of the record that changes nothing else. */
async function consent(): Promise<void> {
  await request('instances.set-security', { name: 'web', isAllowedWithoutAppArmor: true });
}

async function pin(isPinned: boolean): Promise<void> {
  await request('images.pin', { image: 'tiny', isPinned });
}

async function settings(expiryDays: number): Promise<void> {
  const remotes = [{ name: 'lab', url: 'https://lab.invalid/streams' }];
  await request('images.configure', { remotes, disabled: ['lab', 'ubuntu', 'ubuntu-daily', 'debian'], expiryDays });
}

async function file(name: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(helper.stateDirectory, name), 'utf8'));
}

async function record(name: string): Promise<unknown> {
  return await file(`instances/${name}/instance.json`);
}

async function image(): Promise<unknown> {
  const { image: base } = (await record('web')) as { readonly image: { readonly fingerprint: string } };
  return await file(`images/${base.fingerprint}/image.json`);
}

type Marks = Readonly<Record<string, string>>;

/** Every mark by where it stands: elements of lists by what they are. */
function marksOf(value: unknown, place = ''): Marks {
  if (typeof value !== 'object' || value === null) return {};
  if (Array.isArray(value)) {
    return Object.assign({}, ...value.map((each: unknown) => marksOf(each, `${place}${nameOf(each)}.`))) as Marks;
  }
  const inside = Object.entries(value).map(([key, each]) =>
    key === 'mark' ? { [`${place}mark`]: String(each) } : marksOf(each, `${place}${key}.`),
  );
  return Object.assign({}, ...inside) as Marks;
}

function nameOf(element: unknown): string {
  const {
    target,
    number,
    phase,
    id,
    path: where,
    device,
    name,
  } = element as Readonly<Record<string, string | undefined>>;
  return target ?? number ?? phase ?? id ?? where?.slice(folders.length) ?? device ?? name ?? '';
}

/** Where a mark stood that is not there any more, or is another. */
function missing(before: unknown, after: unknown): string[] {
  const now = marksOf(after);
  return Object.entries(marksOf(before))
    .filter(([place, mark]) => now[place] !== mark)
    .map(([place]) => place)
    .sort();
}

function under(value: unknown, place: string): string[] {
  return Object.keys(marksOf(value))
    .filter((each) => each.startsWith(place))
    .sort();
}
