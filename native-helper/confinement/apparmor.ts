// SPDX-License-Identifier: MIT
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConfinementMode } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf, storageError } from '../core/errors.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { enteredProfiles } from './entered-profiles.ts';
import { isRulesFile, rulesFileName, type ProfileText } from './profile.ts';
import { makeDirectory } from '../posix/make-directory.ts';

const parserTimeoutMs = 60_000;

/** Whether this kernel enforces AppArmor and lets policy be loaded. */
export async function isAppArmorEnforced(): Promise<boolean> {
  try {
    if ((await readFile('/sys/module/apparmor/parameters/enabled', 'utf8')).trim() !== 'Y') return false;
    await access('/sys/kernel/security/apparmor/.replace');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new HelperError('confinement.unavailable', { layer: 'apparmor', reason: messageOf(error) }, { cause: error });
  }
}

/** Writes, checks, loads and removes profiles. Their sources are kept in one directory, named like the profile. */
export class AppArmor {
  readonly #runner: ProcessRunner;
  readonly #directory: string;

  constructor(runner: ProcessRunner, profilesDirectory: string) {
    this.#runner = runner;
    this.#directory = profilesDirectory;
  }

  /**
   * Makes the profile ready to be entered: written where it changed, and loaded where the kernel has AppArmor, in
   * the given mode also for those that run in it; elsewhere only compiled. Returns its name where it must be entered.
   * @throws HelperError confinement.profile-rejected; confinement.unavailable when the kernel enforces and no parser is
   * installed
   */
  async prepare(
    profile: ProfileText,
    signal: AbortSignal,
    mode: ConfinementMode = 'enforce',
  ): Promise<string | undefined> {
    const isChanged = await this.#write(profile);
    if (await isAppArmorEnforced()) {
      await this.#parse(
        profile.name,
        ['--replace', '--skip-cache', '--quiet', ...(mode === 'complain' ? ['--Complain'] : [])],
        signal,
      );
      return profile.name;
    }
    if (isChanged) await this.check(profile.name, signal).catch(unlessNotInstalled);
    return undefined;
  }

  /** Compiles a written profile without loading it, on any kernel. */
  async check(name: string, signal: AbortSignal): Promise<void> {
    await this.#parse(name, ['--skip-kernel-load', '--skip-cache', '--quiet'], signal);
  }

  /** Withdraws a profile. After the process is gone only: a process whose profile is removed runs on unconfined. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    // by name, not by file: what was loaded may have lost its file; one that is not loaded is no fault
    if (await this.#isLoaded(name)) await this.#parse(name, ['--remove', '--quiet'], signal, `profile ${name} {}\n`);
    for (const file of [name, rulesFileName(name)]) await rm(this.#file(file), { force: true });
  }

  /**
   * Withdraws profiles that nobody runs in: what a process left that ended while no helper lived. Returns those that
   * are still in use.
   * @param isUnwanted is asked for each profile that was written
   */
  async sweep(isUnwanted: (name: string) => boolean, signal: AbortSignal): Promise<string[]> {
    const names = await readdir(this.#directory).catch(unlessAbsent);
    const unwanted = names.filter((name) => !isRulesFile(name) && isUnwanted(name));
    if (unwanted.length === 0) return [];
    const entered = await enteredProfiles();
    for (const name of unwanted) if (!entered.has(name)) await this.remove(name, signal);
    return unwanted.filter((name) => entered.has(name));
  }

  /** Names of loaded profiles with their mode, one a line: `multipass.dnsmasq (enforce)`. */
  async #isLoaded(name: string): Promise<boolean> {
    if (!(await isAppArmorEnforced())) return false;
    const loaded = await readFile('/sys/kernel/security/apparmor/profiles', 'utf8').catch((error: unknown) => {
      throw new HelperError(
        'confinement.unavailable',
        { layer: 'apparmor', reason: messageOf(error) },
        { cause: error },
      );
    });
    return loaded.split('\n').some((line) => line.startsWith(`${name} (`));
  }

  /** A part of a file that a power cut left is no danger: it differs, so the next start writes it anew. */
  async #write({ name, text, rules }: ProfileText): Promise<boolean> {
    const isOfRulesChanged = rules !== undefined && (await this.#writeFile(rulesFileName(name), rules));
    return (await this.#writeFile(name, text)) || isOfRulesChanged;
  }

  async #writeFile(name: string, text: string): Promise<boolean> {
    const file = this.#file(name);
    const existing = await readFile(file, 'utf8').catch(() => undefined); // unreadable is as good as different
    if (existing === text) return false;
    try {
      await makeDirectory(this.#directory, 0o755);
      await writeFile(file, text, { mode: 0o644 });
      return true;
    } catch (error) {
      throw storageError('write', file, error);
    }
  }

  /** The parser reads the profile's file, or the text where one is given. */
  async #parse(name: string, options: readonly string[], signal: AbortSignal, text?: string): Promise<void> {
    const args = ['--Include', this.#directory, ...options, ...(text === undefined ? [this.#file(name)] : [])];
    try {
      await this.#runner.run(
        { program: 'apparmor_parser', args, confinement: 'none-needed' },
        { signal, timeoutMs: parserTimeoutMs, ...(text === undefined ? {} : { input: text }) },
      );
    } catch (error) {
      if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
      if (error.params['status'] === 'not installed')
        throw new HelperError(
          'confinement.unavailable',
          { layer: 'apparmor', reason: sentence('security.apparmor-not-installed') },
          { cause: error },
        );
      throw new HelperError(
        'confinement.profile-rejected',
        { profile: name, reason: String(error.params['reason'] ?? '') },
        { cause: error },
      );
    }
  }

  #file(name: string): string {
    return path.join(this.#directory, name);
  }
}

function unlessAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Where nothing can be loaded, a missing parser is no fault. */
function unlessNotInstalled(error: unknown): void {
  if (!(error instanceof HelperError) || error.code !== 'confinement.unavailable') throw error;
}
