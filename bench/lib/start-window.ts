// SPDX-License-Identifier: MIT
import { createRequire } from 'node:module';
import path from 'node:path';
import { _electron, type ElectronApplication } from '@playwright/test';
import { root } from '../../scripts/lib/paths.ts';

/** The built app on a display, before the helper of a run directory. */
export function startWindow(runDirectory: string, display: string): Promise<ElectronApplication> {
  const electron = createRequire(import.meta.url)('electron') as string;
  return _electron.launch({
    executablePath: electron,
    args: ['--no-sandbox', root],
    env: {
      ...definedOnly(process.env),
      DISPLAY: display,
      BERTH_RUN_DIR: runDirectory,
      HOME: path.dirname(runDirectory),
    },
  });
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
