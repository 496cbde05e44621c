// SPDX-License-Identifier: MIT
import { compose } from './compose.ts';
import { readConfig, usage, type Config } from './config.ts';
import { loadHelperProfile } from './confinement/load-helper-profile.ts';
import { describeError } from '#contract/errors.ts';
import { assetsDirectory } from './core/assets.ts';
import { HelperError, messageOf } from './core/errors.ts';
import { createLogger } from './core/log.ts';
import { raiseFileLimit } from './posix/raise-file-limit.ts';
import { LocalProcessRunner } from './process/runner.ts';
import { Files } from './store/files.ts';
import { runUninstall } from './uninstall/run-uninstall.ts';

const profileLimitMs = 60_000;
const enoughFiles = 1024;

if (process.argv.includes('--help')) {
  process.stdout.write(usage);
} else {
  await serve();
}

/** Before the service's own start, in the unit: then the service manager enters the profile. */
async function loadProfile(config: Config): Promise<void> {
  const options = {
    runner: new LocalProcessRunner(),
    files: new Files(config.stateDirectory, config.runDirectory),
    configDirectory: config.configDirectory,
    assetsDirectory,
  };
  const profile = await loadHelperProfile(options, AbortSignal.timeout(profileLimitMs));
  process.stdout.write(profile === undefined ? 'this kernel has no AppArmor\n' : `profile ${profile} is loaded\n`);
}

/** Its log tells of failures only: what is done is said on stdout. */
async function takeAway(config: Config, wish: NonNullable<Config['uninstall']>): Promise<void> {
  try {
    process.exit(await runUninstall(config, wish, createLogger('error')));
  } catch (error) {
    process.stderr.write(`berth-helper: ${messageOf(error)}\n`);
    process.exit(1);
  }
}

async function serve(): Promise<void> {
  const config = await readConfig(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`berth-helper: ${messageOf(error)}\n${usage}`);
    process.exit(2);
  });
  if (process.getuid?.() !== 0) {
    process.stderr.write(
      'berth-helper: has to run as root: it makes network devices and starts machines under users of their own\n',
    );
    process.exit(2);
  }
  process.umask(0o022);
  if (config.isProfileOnly) return await loadProfile(config);
  if (config.uninstall) return await takeAway(config, config.uninstall);
  const log = createLogger(config.logLevel);
  const files = raiseFileLimit();
  if (files < enoughFiles)
    log.warn({ files }, 'few files may be open at once: each machine needs about ten (ulimit -n)');
  // A fault nobody caught leaves unknown state: end, and let the service manager start a fresh helper, which adopts the
  // machines.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught');
    process.exit(70);
  });
  try {
    const helper = await compose(config, log);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'ending; machines go on');
        void helper.close().then(() => process.exit(0));
      });
    }
  } catch (error) {
    const hint = error instanceof HelperError ? describeError(error).hint : undefined;
    log.fatal({ err: error, hint }, 'the helper could not start');
    process.exit(1);
  }
}
