// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { storageError } from '../../core/errors.ts';
import { includeRules, type ProfileText } from '../profile.ts';
import { isTrustedDirectory, readTrustedFile, refused } from './trusted-file.ts';

/** What stands in the template for a machine's profile. */
const placeholder = 'BERTH_TEMPLATE';

/**
 * The administrator's profile of one machine around the generated rules. Its file is made from TEMPLATE at the first
 * start after TEMPLATE is there, and is the administrator's from then on: a change of TEMPLATE is one for new machines.
 * Without either the profile is the built-in one.
 *
 * @throws HelperError confinement.administrator-file where a file cannot be relied on or is no such profile
 */
export async function withAdministratorsFile(
  directory: string,
  { name, rules, builtIn }: GeneratedProfile,
): Promise<ProfileText> {
  const file = machineProfileFile(directory, name);
  const text = (await readTrustedFile(file)) ?? (await fromTemplate(directory, name));
  if (text === undefined) return builtIn;
  const isProfile = text
    .split('\n')
    .some((line) => new RegExp(`^\\s*profile\\s+"?${name.replaceAll('.', '\\.')}"?[\\s{]`).test(line));
  if (!isProfile) throw refused(file, sentence('security.no-profile', { name }));
  return { name, text, rules };
}

export interface GeneratedProfile {
  readonly name: string;
  /** What the machine needs, for a profile to include. */
  readonly rules: string;
  /** A whole profile with these rules. */
  readonly builtIn: ProfileText;
}

export function machineProfileFile(directory: string, name: string): string {
  return path.join(directory, 'apparmor', name);
}

async function fromTemplate(directory: string, name: string): Promise<string | undefined> {
  const template = machineProfileFile(directory, 'TEMPLATE');
  const text = await readTrustedFile(template);
  if (text === undefined || !(await isTrustedDirectory(path.dirname(template)))) return undefined;
  const filled = fillTemplate(text, name);
  if (filled === undefined)
    throw refused(template, sentence('security.no-template-profile', { placeholder: `${placeholder} { … }` }));
  const file = machineProfileFile(directory, name);
  try {
    await writeFile(file, filled, { mode: 0o644, flag: 'wx' });
  } catch (error) {
    throw storageError('write', file, error);
  }
  return filled;
}

/**
 * The template for one machine: its name for the placeholder, and the generated rules before the profile's last brace.
 */
export function fillTemplate(template: string, name: string): string | undefined {
  const end = template.lastIndexOf('}');
  if (end < 0 || !new RegExp(`^\\s*profile\\s+${placeholder}\\s`, 'm').test(template)) return undefined;
  const filled = `${template.slice(0, end)}  ${includeRules(name)}\n${template.slice(end)}`;
  return filled.replaceAll(placeholder, name);
}
