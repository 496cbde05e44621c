// SPDX-License-Identifier: MIT
// `./run start`: a helper, and the window or, without a display, an instance on the command line.
import { createRequire } from 'node:module';
import path from 'node:path';
import { demonstrate } from './lib/demonstrate.ts';
import { fail, heading } from './lib/heading.ts';
import { parseOptions } from './lib/parse-options.ts';
import { cliCommand, root } from './lib/paths.ts';
import { runProgram } from './lib/run-program.ts';
import { startHelper } from './lib/start-helper.ts';
import { prepareWindowSandbox } from './lib/window-sandbox.ts';

const { values: options } = parseOptions({
  options: {
    'private-network': { type: 'boolean', default: process.env.BERTH_PRIVATE_NETWORK === '1' },
    'state-dir': { type: 'string', default: '/var/lib/berth' },
    'run-dir': { type: 'string', default: '/run/berth' },
    group: { type: 'string' },
    window: { type: 'boolean', default: true },
    serve: { type: 'boolean', default: false },
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
const interrupted = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    interrupted.resolve();
  });
try {
  process.exitCode = await (options.serve ? serve() : hasDisplay() ? openWindow() : withoutWindow());
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
  const switches = await prepareWindowSandbox(electron);
  const result = await runProgram(electron, [...switches, root], {
    stdio: 'inherit',
    env: { ...process.env, BERTH_RUN_DIR: runDirectory, BERTH_CLI: cliCommand },
  });
  process.stdout.write('Instances that run go on without the window and the helper.\n');
  return result.exitCode;
}

/** The helper alone, for the command line. */
async function serve(): Promise<number> {
  if (helper.isOwn) heading('The helper runs until Ctrl-C');
  process.stdout.write(`To use the command line:\n  export BERTH_RUN_DIR=${runDirectory}\n  ${cliCommand} list\n`);
  if (!helper.isOwn) return 0;
  const isOver = await Promise.race([interrupted.promise.then(() => false), helper.ended.then(() => true)]);
  if (isOver) {
    process.stdout.write('\nThe helper has ended.\n');
    return 0;
  }
  process.stdout.write(
    `\nThe helper ends. Machines that run go on without it, and the next helper takes them over.\n` +
      `To end them, start it again and type: ${cliCommand} --run-dir ${runDirectory} stop --all\n` +
      `To end them and remove Berth from this computer, but not your instances: ./run uninstall --keep-data${placesAsTyped()}\n`,
  );
  return 0;
}

/** The options that name other places than the usual ones, for a command line that is to find the same. */
function placesAsTyped(): string {
  return [
    ...(options['state-dir'] === '/var/lib/berth' ? [] : [` --state-dir ${stateDirectory}`]),
    ...(options['run-dir'] === '/run/berth' ? [] : [` --run-dir ${runDirectory}`]),
  ].join('');
}

async function withoutWindow(): Promise<number> {
  heading(
    options.window
      ? 'There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): no window'
      : 'No window, as asked',
  );
  return demonstrate({
    runDirectory,
    stateDirectory,
    discard: options.discard,
    again: [
      './run',
      'start',
      '--serve',
      ...process.argv.slice(2).filter((word) => !/^--(?:no-window|discard)$/.test(word)),
    ].join(' '),
  });
}

async function ownGroup(): Promise<string> {
  const result = await runProgram('id', ['-gn'], { capture: true });
  if (result.exitCode !== 0) fail('your group has no name.', 'Name one with --group.');
  return result.output.trim();
}
