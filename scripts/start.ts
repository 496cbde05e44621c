// SPDX-License-Identifier: MIT
// `./run start`: a helper, and the window or, without a display, an instance on the command line.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isRoot } from './lib/as-root.ts';
import { demonstrate } from './lib/demonstrate.ts';
import { fail, heading } from './lib/heading.ts';
import { cliCommand, root } from './lib/paths.ts';
import { runProgram } from './lib/run-program.ts';
import { startHelper } from './lib/start-helper.ts';

const { values: options } = parseArgs({
  options: {
    'private-network': { type: 'boolean', default: process.env.BERTH_PRIVATE_NETWORK === '1' },
    'state-dir': { type: 'string', default: '/var/lib/berth' },
    'run-dir': { type: 'string', default: '/run/berth' },
    group: { type: 'string' },
    window: { type: 'boolean', default: true },
    discard: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const runDirectory = path.resolve(options['run-dir']);
const stateDirectory = path.resolve(options['state-dir']);
const helper = await startHelper({
  runDirectory,
  stateDirectory,
  group: options.group ?? (await ownGroup()),
  privateNetwork: options['private-network'],
});
// the children get the terminal's Ctrl-C themselves; this process stays to the end to clean up
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { /* see above */ });
try {
  process.exitCode = await (hasDisplay() ? openWindow() : withoutWindow());
  if (process.exitCode !== 0) helper.showLog();
} finally {
  await helper.stop();
}

function hasDisplay(): boolean {
  return options.window && ((process.env.DISPLAY ?? '') !== '' || (process.env.WAYLAND_DISPLAY ?? '') !== '');
}

async function openWindow(): Promise<number> {
  heading('Window: close it to end');
  const electron = createRequire(import.meta.url)('electron') as string;
  const switches = isRoot || areUserNamespacesRefused() ? ['--no-sandbox'] : [];
  const result = await runProgram(electron, [...switches, root], { stdio: 'inherit', env: { ...process.env, BERTH_RUN_DIR: runDirectory, BERTH_CLI: cliCommand } });
  process.stdout.write('Instances that run go on without the window and the helper.\n');
  return result.exitCode;
}

async function withoutWindow(): Promise<number> {
  heading(options.window ? 'There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): no window' : 'No window, as asked');
  return demonstrate({ runDirectory, stateDirectory, discard: options.discard });
}

/** Ubuntu 24.04 gives user namespaces only to programs that have an AppArmor profile; a development Electron has none. */
function areUserNamespacesRefused(): boolean {
  const setting = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  return fs.existsSync(setting) && fs.readFileSync(setting, 'utf8').trim() === '1';
}

async function ownGroup(): Promise<string> {
  const result = await runProgram('id', ['-gn'], { capture: true });
  if (result.exitCode !== 0) fail('your group has no name.', 'Name one with --group.');
  return result.output.trim();
}
