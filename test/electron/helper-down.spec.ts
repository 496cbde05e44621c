// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { createMessageConnection, ResponseError, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { expectAccessible } from '../support/accessibility.ts';
import { openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper } from '../support/helper-process.ts';
import { MainWindow } from '../support/pages/main-window.ts';

let directory: string;
let berth: BerthApp | undefined;

test.beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-down-'));
});

test.afterEach(async () => {
  await berth?.close();
  berth = undefined;
  rmSync(directory, { recursive: true });
});

test('says that the helper does not run, and goes on by itself when it starts', async () => {
  const helper = await startHelper();
  try {
    await helper.terminate();
    berth = await openBerth({ runDirectory: helper.runDirectory });
    const window = new MainWindow(berth.page);
    await expect(window.helperDown).toContainText(/not running|does not accept/);
    await expect(window.helperDown).toContainText(join(helper.runDirectory, 'helper.sock'));
    await screenshot(berth.page, 'helper-down');
    await expectAccessible(berth.page, 'helper down');
    // Longer than the first delays: what follows must be the watch, not a lucky retry.
    await berth.page.waitForTimeout(4000);
    await helper.restart();
    await expect(window.helperDown).toBeHidden({ timeout: 10_000 });
    await expect(berth.page.getByTestId('launch-open').first()).toBeVisible();
  } finally {
    await helper.stop();
  }
});

test('keeps the last known state while a killed helper is away', async () => {
  const helper = await startHelper();
  try {
    berth = await openBerth({ runDirectory: helper.runDirectory });
    const window = new MainWindow(berth.page);
    await expect(berth.page.getByTestId('launch-open').first()).toBeVisible();
    await helper.kill9();
    await expect(window.helperDown).toContainText('last known state');
    await expect(berth.page.getByTestId('launch-open').first()).toBeVisible();
    await screenshot(berth.page, 'helper-lost');
    await helper.restart();
    await expect(window.helperDown).toBeHidden({ timeout: 10_000 });
  } finally {
    await helper.stop();
  }
});

test('tells a missing socket, a dead one and a forbidden one apart', async () => {
  const socketPath = join(directory, 'helper.sock');
  berth = await openBerth({ runDirectory: directory });
  const { helperDown } = new MainWindow(berth.page);
  await expect(helperDown).toContainText('The helper is not running');

  const left = createServer().listen(join(directory, 'left.sock'));
  await once(left, 'listening');
  linkSync(join(directory, 'left.sock'), socketPath);
  left.close();
  await expect(helperDown).toContainText('does not accept connections', { timeout: 10_000 });
  await screenshot(berth.page, 'helper-refused');

  // mkdtemp's directory is closed to others, and nothing is forbidden to root.
  await berth.app.evaluate(() => process.seteuid?.(65534));
  await expect(helperDown).toContainText('You do not have access to the helper', { timeout: 10_000 });
  await screenshot(berth.page, 'helper-forbidden');
  await berth.app.evaluate(() => process.seteuid?.(0));
  await expect(helperDown).toContainText('does not accept connections', { timeout: 10_000 });
});

test('tells a helper of another version', async () => {
  mkdirSync(join(directory, 'run'));
  const server = await startFutureHelper(join(directory, 'run/helper.sock'));
  try {
    berth = await openBerth({ runDirectory: join(directory, 'run') });
    await expect(new MainWindow(berth.page).helperDown).toContainText('different versions');
    await screenshot(berth.page, 'helper-version');
  } finally {
    server.close();
  }
});

/** No helper of the next protocol exists yet, so its greeting is given here by the protocol's own library. */
async function startFutureHelper(path: string): Promise<Server> {
  const server = createServer((socket: Socket) => {
    const rpc = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
    rpc.onRequest(
      'system.hello',
      () =>
        new ResponseError(-32000, 'version', {
          code: 'helper.version-mismatch',
          params: { helper: 2, client: 1 },
          causes: [],
        }),
    );
    socket.on('error', () => socket.destroy());
    rpc.listen();
  });
  server.listen(path);
  await once(server, 'listening');
  return server;
}
