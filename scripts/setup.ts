// SPDX-License-Identifier: MIT
// The stages of setup that run on the pinned Node: Electron runtime, bundles, guest image.
import fs from 'node:fs';
import path from 'node:path';
import { asRoot, isRoot, obtainRoot } from './lib/as-root.ts';
import { fail, heading, seconds } from './lib/heading.ts';
import { root, seedImages } from './lib/paths.ts';
import { runProgram } from './lib/run-program.ts';
import { hashOf, isDone, markDone } from './lib/stamp.ts';

const builder = 'native-helper/images/build/main.ts';

await prepareElectron();
await build('helper and command line', 'scripts/build-node.ts', [
  'messages',
  'contract',
  'client',
  'native-helper',
  'cli',
]);
await build('window', 'scripts/build-window.ts', [
  'messages',
  'contract',
  'client',
  'electron',
  'renderer',
  ...viteConfigs(),
]);
await buildSeedImage('tiny');
heading('Setup is complete');

async function prepareElectron(): Promise<void> {
  const result = await runProgram(process.execPath, ['scripts/electron-runtime.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (result.exitCode !== 0) process.exit(result.exitCode);
  const { version, source } = JSON.parse(result.output) as { version: string; source: string };
  heading(`Electron runtime: ${version} (${source})`);
}

async function build(what: string, script: string, sources: readonly string[]): Promise<void> {
  const stamp = path.join(root, '.cache/stamps', path.basename(script));
  const hash = hashOf([...sources, script, 'package.json', 'package-lock.json', 'tsconfig.base.json']);
  if (isDone(stamp, hash)) {
    heading(`Build of the ${what}: up to date`);
    return;
  }
  const startMs = performance.now();
  const result = await runProgram(process.execPath, [script], { capture: true });
  if (result.exitCode !== 0) {
    process.stderr.write(result.output);
    fail(
      `the build of the ${what} failed; the message is above.`,
      `Repair it and run \`npm run ${path.basename(script, '.ts').replace('-', ':')}\`.`,
    );
  }
  markDone(stamp, hash);
  heading(`Build of the ${what}: done in ${seconds(startMs)}`);
}

function viteConfigs(): readonly string[] {
  return fs.readdirSync(root).filter((name) => /^vite\..*config\.ts$/.test(name));
}

/** Builds an image once; the helper takes it from there (`--seed-images`). */
async function buildSeedImage(name: string): Promise<void> {
  const target = path.join(seedImages, name);
  const stamp = path.join(target, '.stamp');
  const hash = hashOf(['assets/guests', 'native-helper/images/build'], process.arch);
  if (isDone(stamp, hash)) {
    heading(`Guest image ${name}: up to date`);
    return;
  }
  heading(`Guest image ${name}: building from Debian packages (about a minute)`);
  const startMs = performance.now();
  await obtainRoot('to build the guest image');
  const partial = `${target}.partial`;
  await removeTree(partial);
  fs.mkdirSync(seedImages, { recursive: true });
  const [program = '', ...args] = asRoot([process.execPath, builder, name, '--out', partial]);
  const result = await runProgram(program, args);
  if (result.exitCode !== 0 || !fs.existsSync(path.join(partial, 'image.json'))) {
    await removeTree(partial);
    fail(
      `the guest image ${name} could not be built; the message is above.`,
      'It needs the package sources of this system (apt-get update must work) and root rights.',
    );
  }
  if (!isRoot) await runProgram('sudo', ['chown', '-R', String(process.getuid?.()), partial]);
  await removeTree(target);
  fs.renameSync(partial, target);
  markDone(stamp, hash);
  heading(`Guest image ${name}: done in ${seconds(startMs)}`);
}

async function removeTree(directory: string): Promise<void> {
  if (!fs.existsSync(directory)) return;
  const [program = '', ...args] = asRoot(['rm', '-rf', '--', directory]);
  await runProgram(program, args);
}
