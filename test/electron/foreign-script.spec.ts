// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import type { DesktopBridge, Envelope } from '#contract/desktop.ts';
import { answerQuestions, openBerth, type AskedQuestion, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';

// What evaluate() runs has the page's rights and no person's gesture: it is the foreign script.
declare const window: { readonly berth: DesktopBridge; open(url: string): unknown };

let helper: HelperProcess;
let berth: BerthApp;
let questions: () => Promise<AskedQuestion[]>;
let folder: string;

test.beforeAll(async () => {
  helper = await startHelper({ seedImages: false });
  folder = await mkdtemp(path.join(tmpdir(), 'berth-script-'));
  await writeFile(path.join(folder, 'secret'), 'of the user');
  berth = await openBerth({ runDirectory: helper.runDirectory });
  questions = await answerQuestions(berth, 'refuse');
});
test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask(method: string, params: object): Promise<Envelope> {
  return await berth.page.evaluate(async ([name, given]) => await window.berth.request(name, given), [
    method,
    params,
  ] as const);
}

const refused = { ok: false, error: { code: 'window.not-allowed' } };

test('a script opens no shell, copies nothing in or out, and uses no path that nobody chose', async () => {
  const secret = path.join(folder, 'secret');
  const attempts: readonly (readonly [string, object, string])[] = [
    ['app.open-local-terminal', { columns: 80, rows: 24 }, 'Open a terminal on this computer?'],
    ['app.copy-in', { name: 'one', paths: [secret] }, 'Copy these files to one?'],
    ['app.copy-out', { name: 'one', paths: ['x'], folder }, 'Copy files of one to this folder?'],
    ['mounts.add', { name: 'one', source: folder, target: 'x' }, 'Share this folder with one, which can change it?'],
    ['images.import', { path: secret, format: 'raw', alias: 'mine' }, 'Import this file as an image?'],
    ['instances.grant', { name: 'one', path: secret, mode: 'r' }, 'Let one read this file?'],
    ['denials.decide', { name: 'one', id: '0123456789ab', choice: 'read-write' }, 'Let one read and change this file?'],
    [
      'app.answer-conflict',
      { id: 't-00000000', conflict: 1, choice: 'replace', isForAll: true },
      'Replace the existing file?',
    ],
    ['app.copy-text', { text: 'rm -rf ~' }, 'Copy this text to the clipboard?'],
    ['app.pick-files', {}, 'Choose files on this computer?'],
    ['app.save-text', { suggestedName: '.bashrc', text: 'x' }, 'Choose files on this computer?'],
  ];
  for (const [method, params, message] of attempts) {
    expect(await ask(method, params), method).toMatchObject(refused);
    expect(await questions(), method).toMatchObject([{ message }]);
  }
});

test('a path is shown whole before it is used, and the downloads folder is no exception without a gesture', async () => {
  await ask('mounts.add', { name: 'one', source: '/root/../root/.ssh', target: 'x' });
  expect(await questions()).toMatchObject([{ detail: '/root/../root/.ssh' }]);
  const { value } = (await ask('app.downloads-folder', {})) as { value: { path: string } };
  expect(await ask('app.copy-out', { name: 'one', paths: ['x'], folder: value.path })).toMatchObject(refused);
  expect(await ask('mounts.add', { name: 'one', source: value.path, target: 'x' })).toMatchObject(refused);
  expect(await ask('app.copy-in', { name: 'one', paths: [value.path] })).toMatchObject(refused);
  expect((await questions()).map(({ detail }) => detail)).toEqual([value.path, value.path, value.path]);
});

test('a link is opened only by a person who saw it, and only https', async () => {
  await berth.page.evaluate(() => {
    for (const url of [
      'file:///etc/passwd',
      'http://example.org',
      'smb://example.org/x',
      'https://user@example.org/',
      'javascript:1',
    ])
      window.open(url);
  });
  expect(await questions()).toEqual([]);
  await berth.page.evaluate(() => void window.open('https://example.org/?stolen=1'));
  await expect
    .poll(questions)
    .toMatchObject([{ message: 'Open this link in your browser?', detail: 'https://example.org/?stolen=1' }]);
});

test('what a script makes is no file of the user', async () => {
  expect(await berth.page.evaluate(() => window.berth.pathOf(new File(['x'], '/etc/passwd')))).toBe('');
  const read = berth.page.evaluate(async (url) => await (await fetch(url)).text(), `file://${folder}/secret`);
  await expect(read).rejects.toThrow();
});

test("a person's click is a gesture, and agreeing opens the door", async () => {
  await berth.page.mouse.click(4, 4);
  expect(await ask('app.copy-text', { text: 'a line' })).toMatchObject({ ok: true });
  expect(await questions()).toEqual([]);
  questions = await answerQuestions(berth, 'agree');
  expect(await ask('app.open-local-terminal', { columns: 80, rows: 24 })).toMatchObject({ ok: true });
  expect(await questions()).toMatchObject([{ message: 'Open a terminal on this computer?' }]);
});
