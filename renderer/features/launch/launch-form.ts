// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import { launchParams, type LaunchParams } from '#contract/instances.ts';
import { defaultSizes } from '#contract/default-sizes.ts';
import { formatBytes, parseBytes, sizeWord } from '#contract/units.ts';
import { largestUserDataBytes } from '#contract/user-data.ts';
import { say } from '#messages/say.ts';
import { base64Of } from '../../lib/base64.ts';
import { issueWords, type Issue } from '../../lib/issue-words.ts';

/** A file in the place of typed user data. */
export interface UserDataFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What was put to it, a sentence each. */
  readonly notes: readonly string[];
}

/** What stands in the form's fields, as typed. */
export interface LaunchFields {
  readonly name: string;
  readonly cpus: string;
  readonly memory: string;
  readonly disk: string;
  readonly userData: string;
  readonly userDataFile?: UserDataFile | undefined;
  readonly timeout: string;
}

type FieldName = Exclude<keyof LaunchFields, 'userDataFile'>;
export type LaunchErrors = Readonly<Partial<Record<FieldName, string>>>;

export interface ParsedLaunch {
  /** What would be sent; absent while a field has an error. */
  readonly params?: LaunchParams;
  /** What is right so far, for the command line and the warnings. */
  readonly partial: Partial<LaunchParams>;
  readonly errors: LaunchErrors;
}

const fieldOf: Readonly<Record<string, FieldName>> = {
  name: 'name',
  cpus: 'cpus',
  memoryBytes: 'memory',
  diskBytes: 'disk',
  userDataBase64: 'userData',
  timeoutSeconds: 'timeout',
};

/** Checks the fields with the contract's own schema, and with what the image needs. */
export function parseLaunchForm(fields: LaunchFields, entry: CatalogueEntry): ParsedLaunch {
  const raw = {
    image: entry.alias,
    ...given('name', fields.name.trim()),
    ...given('cpus', fields.cpus.trim(), Number),
    ...given('memoryBytes', fields.memory, (text) => parseBytes(text) ?? Number.NaN),
    ...given('diskBytes', fields.disk, (text) => parseBytes(text) ?? Number.NaN),
    ...userDataOf(fields),
    ...given('timeoutSeconds', fields.timeout.trim(), Number),
  };
  const result = launchParams.safeParse(raw);
  const errors: Partial<Record<FieldName, string>> = {};
  for (const issue of result.success ? [] : result.error.issues) {
    const field = fieldOf[String(issue.path[0])];
    if (field !== undefined) errors[field] ??= messageOf(issue, field);
  }
  const partial = Object.fromEntries(
    Object.entries(raw).filter(([key]) => !(fieldOf[key] !== undefined && errors[fieldOf[key]] !== undefined)),
  ) as Partial<LaunchParams>;
  if ((partial.memoryBytes ?? entry.minMemoryBytes) < entry.minMemoryBytes)
    errors.memory = say('launch.image-needs', { size: formatBytes(entry.minMemoryBytes) });
  if ((partial.diskBytes ?? entry.minDiskBytes) < entry.minDiskBytes)
    errors.disk = say('launch.image-needs', { size: formatBytes(entry.minDiskBytes) });
  return { partial, errors, ...(result.success && Object.keys(errors).length === 0 ? { params: result.data } : {}) };
}

/** The sizes that the form begins with: those that the helper would give. */
export function defaultFields(
  entry: CatalogueEntry,
  host: { readonly hostCpus: number } | undefined,
): Pick<LaunchFields, 'cpus' | 'memory' | 'disk'> {
  const sizes = defaultSizes({
    hostCpus: host?.hostCpus ?? 1,
    leastMemoryBytes: entry.minMemoryBytes,
    leastDiskBytes: entry.minDiskBytes,
  });
  return { cpus: String(sizes.cpus), memory: sizeWord(sizes.memoryBytes), disk: sizeWord(sizes.diskBytes) };
}

function userDataOf({ userData, userDataFile }: LaunchFields): Pick<LaunchParams, 'userDataBase64'> {
  if (userDataFile !== undefined) return { userDataBase64: base64Of(userDataFile.bytes) };
  return userData.trim() === '' ? {} : { userDataBase64: base64Of(new TextEncoder().encode(userData)) };
}

function given<K extends string, T = string>(
  key: K,
  text: string,
  read?: (text: string) => T,
): Partial<Record<K, T | string>> {
  if (text.trim() === '') return {};
  return { [key]: read === undefined ? text : read(text) } as Partial<Record<K, T | string>>;
}

/** The document's limit is on what is typed, not on what travels. */
function messageOf(issue: Issue, field: FieldName): string {
  if (field === 'userData' && issue.code === 'too_big')
    return say('form.at-most', { limit: formatBytes(largestUserDataBytes) });
  return issueWords(issue, field === 'memory' || field === 'disk');
}
