// SPDX-License-Identifier: MIT
import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible } from '../support/accessibility.ts';
import { dragFiles } from '../support/drop-files.ts';
import { answerQuestions, openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MainWindow } from '../support/pages/main-window.ts';
import { TerminalPane } from '../support/pages/terminal.ts';
import { SharedFolder } from '../support/shared-folder.ts';

let helper: HelperProcess;
let client: InstanceClient;
let berth: BerthApp;
let window: MainWindow;
const inGuest = async (line: string): Promise<string> => (await client.exec('one', 'sh', '-c', line)).stdout;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expect(await client.launch('one')).toMatchObject({ state: 'succeeded' });
  berth = await openBerth({ runDirectory: helper.runDirectory });
  await answerQuestions(berth, 'agree');
  window = new MainWindow(berth.page);
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
});

/** Both themes of what is on the screen; the colours of both are measured on every screen in screens.spec.ts. */
async function photograph(name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await berth.page.emulateMedia({ colorScheme: theme });
    await berth.page.evaluate((chosen) => {
      document.documentElement.dataset['theme'] = chosen;
    }, theme);
    await screenshot(berth.page, name);
    if (theme === 'light') await expectAccessible(berth.page, name);
  }
  await berth.page.evaluate(() => {
    delete document.documentElement.dataset['theme'];
  });
  await berth.page.emulateMedia({ colorScheme: null });
}

test.describe('folders', () => {
  test("one dropped on an instance's row is in the instance; Enter accepts", async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create('my project');
    await writeFile(folder.in('from-host'), 'hello');
    const drag = await dragFiles(page, window.row('one'), [folder.path]);
    await expect(page.getByTestId('drop-hint')).toContainText('Drop on one');
    await expect(page.getByTestId('drop-hint')).toContainText('Folders are shared');
    await photograph('drag-row');
    await drag.drop();
    await expect(page.getByTestId('share-source')).toHaveText(folder.path);
    await expect(page.getByTestId('share-target')).toHaveValue('my project');
    await photograph('share-sheet');
    await page.getByTestId('share-target').press('Enter');
    await expect(page.getByTestId('share-sheet')).toBeHidden({ timeout: 60_000 });

    const instance = await window.openInstance('one');
    await instance.openTab('shares');
    await expect(page.getByTestId('share-state')).toHaveText('Connected', { timeout: 60_000 });
    expect(await inGuest('cat "my project/from-host" && echo from-guest > "my project/from-guest"')).toBe('hello');
    expect(await readFile(folder.in('from-guest'), 'utf8')).toBe('from-guest\n');
    await photograph('shares');

    await page.getByTestId('share-reconnect').click();
    await expect(page.getByTestId('share-/home/berth/my project')).toContainText('reconnected once', {
      timeout: 60_000,
    });
    await expect(page.getByTestId('share-state')).toHaveText('Connected', { timeout: 60_000 });
    const busy = client.exec('one', 'sh', '-c', 'cd "my project" && echo $$ > pid && exec sleep 100');
    await expect.poll(async () => await readFile(folder.in('pid'), 'utf8').catch(() => '')).toMatch(/\d\n/);
    await page.getByTestId('share-remove').click();
    await expect(page.getByRole('alertdialog')).toContainText(
      `sleep process ${(await readFile(folder.in('pid'), 'utf8')).trim()}`,
    );
    await photograph('share-in-use');
    await inGuest('kill $(cat "my project/pid")');
    await busy;
    await page.getByTestId('share-remove-used').click();
    await expect(page.getByTestId('share-state')).toBeHidden({ timeout: 60_000 });
    expect(await inGuest('ls')).toBe('');
  });

  test('several dropped on the page are asked for at once; what is refused says why and can be corrected', async () => {
    const { page } = berth;
    await using first = await SharedFolder.create('twin');
    await using second = await SharedFolder.create('twin');
    await using third = await SharedFolder.create('third');
    await window.openInstance('one');
    const drag = await dragFiles(page, page.locator('main[data-instance=one]'), [first.path, second.path, third.path]);
    await photograph('drag-page');
    await drag.drop();
    const targets = page.getByTestId('share-target');
    await expect(targets.nth(0)).toHaveValue('twin');
    await expect(targets.nth(1)).toHaveValue('twin-2');
    await targets.nth(2).fill('/etc/third');
    await page.getByText('Read only').click();
    await page.getByTestId('share-more').click();
    await page.getByText('Map user and group IDs').click();
    await page.getByTestId('share-users').fill('0:1000');
    await photograph('share-sheet-many');
    await targets.nth(0).press('Enter');
    await expect(targets).toHaveCount(1, { timeout: 60_000 });
    await expect(targets).toHaveAccessibleDescription(/below \/etc/, { timeout: 60_000 });
    expect(await inGuest('! touch twin/f 2> /dev/null && ls -d twin*')).toBe('twin\ntwin-2\n');
    await targets.fill('/srv/third');
    await targets.press('Enter');
    await expect(page.getByTestId('share-sheet')).toBeHidden({ timeout: 60_000 });
    await client.connection.request('mounts.remove', { name: 'one' as never });
  });

  test('one dropped on the console is shared too, or copied instead', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create('copied tree');
    await mkdir(folder.in('sub'));
    await writeFile(folder.in('sub', 'file'), 'deep');
    const instance = await window.openInstance('one');
    await instance.openConsole();
    await (await dragFiles(page, page.getByTestId('console-terminal'), [folder.path])).drop();
    await page.getByTestId('share-copy-instead').click();
    await expect(page.getByTestId('transfer-done')).toContainText('Copied copied tree to one', { timeout: 60_000 });
    expect(await inGuest('cat "copied tree/sub/file"; rm -r "copied tree"')).toBe('deep');
  });
});

test.describe('files', () => {
  test('one dropped on a shell goes to where the shell is', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create();
    const bytes = randomBytes(300_000);
    await writeFile(folder.in('picture of\nme.png'), bytes);
    const instance = await window.openInstance('one');
    const terminal = await instance.openShell();
    await terminal.run('cd /tmp && printf "\\033]7;file://one/tmp\\007"; echo moved-$((1+1))', /moved-2/);
    const drag = await dragFiles(page, page.getByTestId('shell-terminal'), [folder.in('picture of\nme.png')]);
    await expect(page.getByTestId('drop-hint')).toContainText('/tmp');
    await photograph('drag-shell');
    await drag.drop();
    await expect(page.getByTestId('transfer-done').filter({ hasText: 'into /tmp' })).toBeVisible({ timeout: 60_000 });
    await photograph('copy-done');
    expect(await inGuest('sha256sum < "/tmp/picture of\nme.png"')).toContain(
      createHash('sha256').update(bytes).digest('hex'),
    );
  });

  test('on the right part of a target the folder that they are in is shared', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create('photos');
    for (const name of ['a.png', 'b.png']) await writeFile(folder.in(name), name);
    await window.openInstance('one');
    const onPage = await dragFiles(page, page.locator('main[data-instance=one]'), [
      folder.in('a.png'),
      folder.in('b.png'),
    ]);
    await photograph('drag-files-page');
    await onPage.leave();
    await window.go('instances');
    const drag = await dragFiles(page, window.row('one'), [folder.in('a.png'), folder.in('b.png')], { across: 0.85 });
    await expect(page.getByTestId('drop-hint')).toContainText('Share their folder');
    await expect(page.getByTestId('drop-other')).toContainText('Copy 2 files to one');
    await photograph('drag-files-row');
    await drag.drop();
    await expect(page.getByTestId('share-source')).toHaveText(folder.path);
    await page.getByTestId('share-target').press('Enter');
    await expect(page.getByTestId('share-sheet')).toBeHidden({ timeout: 60_000 });
    expect(await inGuest('cat photos/b.png')).toBe('b.png');
    await client.connection.request('mounts.remove', { name: 'one' as never });
  });

  test('what is there already is asked about, once or for all', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create();
    const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
    for (const name of names) await writeFile(folder.in(name), 'new');
    await inGuest(`for name in ${names.join(' ')}; do echo old > $name; done`);
    await window.go('instances');
    await (
      await dragFiles(
        page,
        window.row('one'),
        names.map((name) => folder.in(name)),
      )
    ).drop();
    const dialog = page.getByRole('alertdialog');
    await expect(dialog).toContainText('a.txt already exists');
    await photograph('copy-conflict');
    await page.getByTestId('conflict-replace').click();
    await expect(dialog).toContainText('b.txt already exists');
    await page.getByTestId('conflict-keep-both').click();
    await expect(dialog).toContainText('c.txt already exists');
    await page.getByTestId('conflict-all').click();
    await page.getByTestId('conflict-skip').click();
    await expect(page.getByTestId('transfer-done').filter({ hasText: 'Copied 2 files' })).toContainText('2 skipped');
    expect(await inGuest('cat a.txt "b (2).txt" b.txt c.txt d.txt')).toBe('newnewold\nold\nold\n');
    await inGuest('rm *.txt');
  });

  test('a long copy shows how far it is; cancelled, it leaves nothing', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create();
    execFileSync('fallocate', ['--length', '500MiB', folder.in('large.img')]); // of holes nothing is copied
    await window.openInstance('one');
    await (await dragFiles(page, page.locator('main[data-instance=one]'), [folder.in('large.img')])).drop();
    const card = page.getByTestId('transfer-running');
    await expect(card).toContainText(/MiB of 500 MiB · .*\/s · .* left/, { timeout: 30_000 });
    await photograph('copy-running');
    await window.go('activity');
    const row = page.getByRole('listitem').filter({ hasText: 'Copy large.img to one' });
    await expect(row).toContainText(/MiB of 500 MiB/);
    await row.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByTestId('transfer-cancelled')).toContainText('Nothing was copied', { timeout: 30_000 });
    await expect(row.getByRole('img', { name: 'Cancelled' })).toBeVisible();
    expect(await inGuest('ls -A | grep -e large -e part')).toBe('');
  });

  test('what fails is named, and the rest is copied', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create();
    await writeFile(folder.in('fits'), 'x');
    await writeFile(folder.in('taken'), 'x');
    await inGuest('mkdir -p taken');
    await window.openInstance('one');
    await (
      await dragFiles(page, page.locator('main[data-instance=one]'), [folder.in('fits'), folder.in('taken')])
    ).drop();
    await page.getByTestId('conflict-keep-both').waitFor();
    await expect(page.getByTestId('conflict-replace')).toBeDisabled();
    await inGuest('touch "taken (2)"; sleep 0.1; chmod 555 .');
    await page.getByTestId('conflict-keep-both').click();
    const card = page.getByTestId('transfer-done').filter({ hasText: 'not copied' });
    await expect(card).toContainText('taken', { timeout: 30_000 });
    await expect(card).toContainText('permission denied');
    await photograph('copy-failed');
    expect(await inGuest('chmod 755 .; cat fits; rm -r fits taken*')).toBe('x');
    await card.getByRole('button', { name: 'Dismiss' }).click();
    await expect(card).toBeHidden();
    await window.go('activity');
    const row = page.getByRole('listitem').filter({ hasText: 'Copy 2 items to one' });
    await row.getByText('Details').click();
    await expect(row).toContainText(/1 item was not copied.*permission denied/);
    await photograph('activity-copies');
  });

  test('files and folders come out of the instance, found by walking through it', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create();
    await inGuest(
      'mkdir -p build/logs build/.cache && echo done > build/logs/last && echo x > build/report.txt && ln -s logs build/newest',
    );
    const instance = await window.openInstance('one');
    await instance.openTab('shares');
    await page.getByTestId('copy-out-open').click();
    const list = page.getByTestId('copy-out-list');
    await expect(page.getByTestId('copy-out-path')).toHaveValue('/home/berth', { timeout: 30_000 });
    await list.getByRole('option', { name: 'build' }).dblclick();
    await expect(page.getByTestId('copy-out-path')).toHaveValue('/home/berth/build');
    await expect(list.getByRole('option')).toHaveCount(3);
    await list.getByRole('option', { name: 'logs' }).click();
    await list.getByRole('option', { name: 'report.txt' }).click({ modifiers: ['ControlOrMeta'] });
    await page.getByTestId('copy-out-folder').fill(folder.path);
    await photograph('copy-out');
    const questions = await answerQuestions(berth, 'agree');
    await page.getByTestId('copy-out-submit').click();
    await expect
      .poll(questions, 'a folder that was typed is asked about')
      .toEqual([{ message: 'Copy files of one to this folder?', detail: folder.path }]);
    await expect(page.getByTestId('transfer-done').filter({ hasText: 'Copied 2 files from one' })).toBeVisible({
      timeout: 30_000,
    });
    expect((await readdir(folder.path)).sort()).toEqual(['logs', 'report.txt']);
    expect(await readFile(folder.in('logs', 'last'), 'utf8')).toBe('done\n');

    await page.getByTestId('copy-out-open').click();
    await page.getByTestId('copy-out-path').fill('/no/such/place');
    await page.getByTestId('copy-out-path').press('Enter');
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText(
      'Could not open /no/such/place: there is no such file or folder',
    );
    await page.getByTestId('copy-out-path').fill('build/report.txt');
    await page.getByTestId('copy-out-path').press('Enter');
    await expect(list.getByRole('option', { name: 'report.txt' })).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Escape');
  });
});

test.describe('elsewhere', () => {
  test('a drag that leaves leaves nothing, and a drop beside an instance says where to drop', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create();
    await window.go('instances');
    const drag = await dragFiles(page, window.row('one'), [folder.path]);
    await expect(page.getByTestId('drop-hint')).toBeVisible();
    await drag.leave();
    await expect(page.getByTestId('drop-hint')).toBeHidden();
    await window.go('settings');
    const beside = await dragFiles(page, page.getByRole('main'), [folder.path]);
    await expect(page.getByTestId('drop-elsewhere')).toContainText('Drop folders on an instance');
    await photograph('drag-elsewhere');
    await beside.drop();
    await expect(page.getByTestId('drop-refused')).toContainText('Drop folders on an instance');
    await expect(page.getByTestId('share-sheet')).toBeHidden();
  });

  test('a terminal of this computer gets the path as a word', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create("it's here");
    const instance = await window.openInstance('one');
    await instance.openTab('terminal');
    const terminal = new TerminalPane(page.getByTestId('local-terminal'));
    await terminal.waitFor(/[#$] /);
    await terminal.type('stat -c %F ');
    const drag = await dragFiles(page, page.getByTestId('local-terminal'), [folder.path]);
    await expect(page.getByTestId('file-drop-hint')).toContainText('Insert the path');
    await photograph('drag-terminal');
    await drag.drop();
    await terminal.waitFor(/here' $/m);
    await terminal.press('Enter');
    await terminal.waitFor(/^directory$/m);
  });

  test('a stopped instance takes folders for its next start, and says why it takes no files', async () => {
    const { page } = berth;
    await using folder = await SharedFolder.create('later');
    await writeFile(folder.in('note.txt'), 'x');
    expect(await client.run('instances.stop', 'one', { force: true })).toMatchObject({ state: 'succeeded' });
    await window.go('instances');
    const files = await dragFiles(page, window.row('one'), [folder.in('note.txt')]);
    await expect(page.getByTestId('drop-hint')).toContainText('is not running');
    await photograph('drag-refused');
    await files.drop();
    await expect(page.getByTestId('drop-refused')).toContainText('is not running');
    await (await dragFiles(page, window.row('one'), [folder.path])).drop();
    await photograph('share-sheet-stopped');
    await page.getByTestId('share-target').press('Enter');
    await expect(page.getByTestId('share-sheet')).toBeHidden({ timeout: 60_000 });
    const instance = await window.openInstance('one');
    await instance.openTab('shares');
    await expect(page.getByTestId('share-state')).toHaveText('Waiting for the instance');
    await photograph('shares-waiting');
    await window.go('instances');
    await expect(window.row('one').getByLabel('1 folder will be shared when it runs')).toBeVisible();
    await photograph('instances-shared');
  });
});
