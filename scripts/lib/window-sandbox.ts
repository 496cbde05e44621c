// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import path from 'node:path';
import { asRoot, isRoot, obtainRoot } from './as-root.ts';
import { fail, heading } from './heading.ts';
import { root } from './paths.ts';
import { runProgram } from './run-program.ts';

/**
 * What Electron is started with so that its page is in Chromium's sandbox. Root has none there (Chromium refuses), an
 * ordinary user always: where Ubuntu keeps user namespaces from programs without a profile, one is loaded until the
 * next boot.
 */
export async function prepareWindowSandbox(electron: string): Promise<readonly string[]> {
  if (isRoot) {
    process.stdout.write(
      'The window of root has no sandbox, for Chromium refuses it one; start as an ordinary user to have it.\n',
    );
    return ['--no-sandbox'];
  }
  if (areUserNamespacesRefused()) await loadProfile(electron);
  return [];
}

function areUserNamespacesRefused(): boolean {
  const setting = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  return fs.existsSync(setting) && fs.readFileSync(setting, 'utf8').trim() === '1';
}

async function loadProfile(electron: string): Promise<void> {
  heading('Sandbox of the window: an AppArmor profile for this Electron, until the next boot');
  const profile = fs
    .readFileSync(path.join(root, 'assets/linux/berth-window.apparmor'), 'utf8')
    .replaceAll('@NAME@', 'berth-window-checkout')
    .replaceAll('@PROGRAM@', fs.realpathSync(electron));
  const file = path.join(root, '.cache/berth-window.apparmor');
  fs.writeFileSync(file, profile);
  await obtainRoot('to load it');
  const [program = '', ...args] = asRoot(['apparmor_parser', '--replace', file]);
  const { exitCode, output } = await runProgram(program, args, { capture: true });
  if (exitCode !== 0)
    fail(
      `the profile was refused: ${output.trim()}`,
      'Install AppArmor 4 (package apparmor), or start the window as a package.',
    );
}
