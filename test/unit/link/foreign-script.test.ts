// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import type { Envelope } from '#contract/desktop.ts';
import { createAppMethods, type AppPorts } from '../../../electron/link/app-methods.ts';
import { admitHostPaths } from '../../../electron/link/host-paths.ts';
import { OutsideDoors, type Question } from '../../../electron/link/outside-doors.ts';
import { createRouter } from '../../../electron/link/router.ts';

const downloads = '/home/mia/Downloads';
const id = '0123456789ab';

/** The window's way to the helper, with what the page asks for and what reaches anybody. */
class Rig {
  isAtWork = false;
  answer: 'refused' | 'once' = 'refused';
  readonly asked: Question[] = [];
  readonly done: unknown[] = [];
  readonly doors = new OutsideDoors({
    isPersonAtWork: () => this.isAtWork,
    ask: (question) => {
      this.asked.push(question);
      return Promise.resolve(this.answer);
    },
  });
  readonly #route = createRouter({
    request: (method, params) => {
      this.done.push([method, params]);
      return Promise.resolve({});
    },
    appMethods: createAppMethods({
      doors: this.doors,
      downloadsFolder: () => downloads,
      pickFolders: () => Promise.resolve(['/home/mia']),
      pickFiles: () => Promise.resolve(['/home/mia/file']),
      pickDestination: () => Promise.resolve('/home/mia/out'),
      pickImageFile: () => Promise.resolve('/home/mia/disc.img'),
      copies: {
        ...Object.fromEntries(['answer', 'cancel', 'dismiss'].map((name) => [name, () => void this.done.push(name)])),
        copyIn: () => this.#copy(),
        copyOut: () => this.#copy(),
      },
    } as unknown as AppPorts),
    admit: async (method, params) =>
      await admitHostPaths(
        this.doors,
        (_, denial) => Promise.resolve(denial === id ? '/home/mia/disc.img' : undefined),
        method,
        params,
      ),
  });

  async ask(method: string, params: object = {}): Promise<Envelope> {
    return await this.#route(method, params);
  }

  async expectRefused(method: string, params: object): Promise<void> {
    const before = this.done.length;
    expect(await this.ask(method, params), method).toMatchObject({ ok: false, error: { code: 'window.not-allowed' } });
    expect(this.done).toHaveLength(before);
  }

  #copy(): string {
    this.done.push('copy');
    return 't-00000000';
  }
}

const mount = (source: string, isReadOnly = false): object => ({ name: 'vm', source, isReadOnly });
const copyIn = (file: string): object => ({ name: 'vm', paths: [file] });
const copyOut = (folder: string): object => ({ name: 'vm', paths: ['/tmp/.bashrc'], folder });

test('to ask for the downloads folder gives nothing, with a gesture a place to copy out to', async () => {
  const rig = new Rig();
  expect(await rig.ask('app.downloads-folder')).toMatchObject({ value: { path: downloads } });
  await rig.expectRefused('mounts.add', mount(downloads));
  await rig.expectRefused('app.copy-in', copyIn(downloads));
  await rig.expectRefused('app.copy-out', copyOut(downloads));
  rig.isAtWork = true;
  await rig.ask('app.downloads-folder');
  await rig.expectRefused('mounts.add', mount(downloads));
  await rig.expectRefused('mounts.add', mount(downloads, true));
  await rig.expectRefused('app.copy-in', copyIn(downloads));
  expect(await rig.ask('app.copy-out', copyOut(downloads))).toMatchObject({ ok: true });
  rig.isAtWork = false;
  await rig.expectRefused('app.copy-out', copyOut(downloads));
});

test('a folder that was chosen to be shared is no place to copy out to, and one shared to be read is not written to', async () => {
  const rig = new Rig();
  rig.isAtWork = true;
  await rig.ask('app.pick-folders');
  await rig.expectRefused('app.copy-out', copyOut('/home/mia'));
  await rig.expectRefused('images.import', { path: '/home/mia', format: 'raw', alias: 'mine' });
  await rig.expectRefused('instances.grant', { name: 'vm', path: '/home/mia', mode: 'rw' });
  expect(await rig.ask('mounts.add', mount('/home/mia', true))).toMatchObject({ ok: true });
  await rig.expectRefused('mounts.add', mount('/home/mia'));
});

test.each([
  ['app.pick-files', ['/home/mia/file'], 'app.copy-in'],
  ['app.pick-destination', ['/home/mia/out'], 'app.copy-out'],
  ['app.pick-image-file', ['/home/mia/disc.img'], 'images.import'],
])('what %s gave is for that alone', async (choose, [given = ''], only) => {
  const rig = new Rig();
  rig.isAtWork = true;
  await rig.ask(choose);
  const uses: Readonly<Record<string, object>> = {
    'mounts.add': mount(given),
    'app.copy-in': copyIn(given),
    'app.copy-out': copyOut(given),
    'images.import': { path: given, format: 'raw', alias: 'mine' },
    'instances.grant': { name: 'vm', path: given, mode: 'r' },
  };
  for (const [method, params] of Object.entries(uses)) if (method !== only) await rig.expectRefused(method, params);
  expect(await rig.ask(only, uses[only]!)).toMatchObject({ ok: true });
});

test('a file is not replaced without a gesture', async () => {
  const rig = new Rig();
  for (const choice of ['replace', 'keep-both', 'skip'])
    await rig.expectRefused('app.answer-conflict', { id: 't-00000000', conflict: 1, choice, isForAll: true });
  rig.isAtWork = true;
  expect(
    await rig.ask('app.answer-conflict', { id: 't-00000000', conflict: 1, choice: 'replace', isForAll: true }),
  ).toMatchObject({ ok: true });
});

test('what was refused is allowed by a dialog that shows it, whatever is pressed; to keep it blocked needs none', async () => {
  const rig = new Rig();
  rig.isAtWork = true;
  const decide = (choice: string): object => ({ name: 'vm', id, choice });
  await rig.expectRefused('denials.decide', decide('read'));
  await rig.expectRefused('denials.decide', decide('read-write'));
  await rig.expectRefused('denials.decide', { name: 'vm', id: 'ffffffffffff', choice: 'read' });
  expect(rig.asked.map(({ message, detail }) => [message, detail])).toEqual([
    ['Let vm read this file?', '/home/mia/disc.img'],
    ['Let vm read and change this file?', '/home/mia/disc.img'],
    ['Let vm read this file?', 'what was refused as ffffffffffff'],
  ]);
  expect(await rig.ask('denials.decide', decide('keep-blocked'))).toMatchObject({ ok: true });
  rig.answer = 'once';
  expect(await rig.ask('denials.decide', decide('read'))).toMatchObject({ ok: true });
  rig.answer = 'refused';
  await rig.expectRefused('denials.decide', decide('read-write'));
});
