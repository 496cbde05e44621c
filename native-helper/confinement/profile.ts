// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import type { Reason } from '../core/said-error.ts';

/** A profile ready for the parser. */
export interface ProfileText {
  readonly name: string;
  readonly text: string;
  /** What `text` includes by {@link includeRules}, in a file of its own. */
  readonly rules?: string;
}

/**
 * `multipass.<instance>.<utility>`, or `multipass.<utility>` for one that serves all.
 * @throws HelperError confinement.profile-rejected for parts that could mean something to the parser
 */
export function profileName(instance: string | undefined, utility: string): string {
  const name = ['multipass', ...(instance === undefined ? [] : [instance]), utility].join('.');
  if (!/^multipass(?:\.[a-z0-9][a-z0-9_-]*){1,3}$/.test(name)) throw refused(name, sentence('security.its-name'));
  return name;
}

/**
 * Writes an absolute host path as a quoted AppArmor path that matches this very path and no other:
 * no globbing, no variables (apparmor.d(5), "Globbing" and "Variables"). What cannot be expressed is
 * refused, never widened.
 * @param suffix is appended as it is, for a rule on what lies below a directory
 */
export function quotePath(path: string, suffix = ''): string {
  const isPlain =
    path.startsWith('/') &&
    path.length > 1 &&
    !path.endsWith('/') &&
    !path.includes('//') &&
    !/(?:^|\/)\.\.?(?:\/|$)/.test(path);
  // eslint-disable-next-line no-control-regex
  if (!isPlain || /[\u0000-\u001f\u007f\ufffd]/.test(path) || !path.isWellFormed() || path.endsWith('\\'))
    throw refused(path, sentence('security.path-not-for-rules'));
  // an @ begins a variable only before {, but a class of one is the same and cannot be misread
  return `"${path.replace(/[\\"*?[\]{}^,]/g, '\\$&').replaceAll('@', '[@]')}${suffix}"`;
}

/**
 * Everything below a folder, hard links within it included. An `l` permission would not do: apparmor_parser 3.0
 * asks for a subset of rights only where the linking process owns the file, so any other file could be
 * linked into the folder and be read there.
 */
export function folderRules(folder: string): string[] {
  const below = quotePath(folder, '/**');
  return [`${quotePath(folder, '/')} rw`, `${below} rwk`, `link ${below} -> ${below}`];
}

/** Rules, one a line, indented, under a heading that says why they are there. */
export function section(reason: string, rules: readonly string[]): string {
  return rules.length === 0 ? '' : `  # ${reason}\n${rules.map((rule) => `  ${rule},\n`).join('')}\n`;
}

/**
 * The directive by which an administrator's profile takes the generated rules in; the parser looks for them where
 * profiles are kept.
 */
export function includeRules(name: string): string {
  return `include <${rulesFileName(name)}>`;
}

export function rulesFileName(name: string): string {
  return `${name}.files`;
}

export function isRulesFile(name: string): boolean {
  return name.endsWith('.files');
}

/** A whole profile. The administrator's additions come last. */
export function profileText(
  name: string,
  sections: readonly string[],
  flags: readonly 'attach_disconnected'[] = [],
): ProfileText {
  const additions = `  # site-specific additions by the administrator\n  include if exists <multipass.d/${name}>\n`;
  return {
    name,
    text: `abi <abi/3.0>,\ninclude <tunables/global>\n\nprofile ${name} ${flags.length === 0 ? '' : `flags=(${flags.join(', ')}) `}{\n${sections.join('')}${additions}}\n`,
  };
}

function refused(profile: string, reason: Reason): HelperError {
  return new HelperError('confinement.profile-rejected', { profile, reason });
}
