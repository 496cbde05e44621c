// SPDX-License-Identifier: MIT
import type { Denial, DenialKind } from '#contract/denials.ts';
import { rowOf } from '#contract/open-enum.ts';
import { dnsmasqProfileName } from '../../confinement/profiles/dnsmasq.ts';
import { allowingRule } from './allowing-rule.ts';
import { isShareServer } from './denied-access.ts';
import type { DenialRecord } from '../../store/denial-record.ts';
import { placeOf, type Place, type Places } from './places.ts';

export type Judged = Pick<Denial, 'explanation' | 'rule' | 'offers' | 'caution'>;

type Judgeable = Pick<DenialRecord, 'utility' | 'kind' | 'subject' | 'access' | 'operations' | 'details' | 'isExact'>;

/**
 * What a denial means in plain words, the rule that would allow it, and what a person may allow of it: single files,
 * never more.
 */
export function judgeDenial(denied: Judgeable, instance: string, places: Places): Judged {
  const rule = allowingRule(denied);
  const known = rule === undefined ? {} : { rule };
  const who = programName(denied.utility);
  if (denied.kind === 'file')
    return { ...known, ...judgeFile(denied, who, { instance, places, isWritable: rule !== undefined }) };
  const [tried, caution] = rowOf(others, denied.kind, others.other);
  return { ...known, explanation: `${who} ${tried(denied.subject)}.`, offers: [], caution };
}

/**
 * The same of a program that works for no instance. Nothing of it is decided here: rules of such programs are the
 * administrator's.
 */
export function judgeOwnDenial(denied: Judgeable): Judged {
  const { utility, kind, subject, access = '', operations } = denied;
  const rule = allowingRule(denied);
  const who = ownPrograms[utility] ?? utility;
  const explanation =
    kind === 'file'
      ? `${who} tried to ${deed(access, operations)} ${subject}.`
      : `${who} ${rowOf(others, kind, others.other)[0](subject)}.`;
  return {
    ...(rule === undefined ? {} : { rule }),
    explanation,
    offers: [],
    caution: ownCaution(utility, rule !== undefined),
  };
}

const conversion = 'qemu-img';
/** By the names of their profiles (confinement/profiles). */
const ownPrograms: Readonly<Record<string, string>> = {
  [conversion]: 'The conversion of an image',
  dnsmasq: 'The address server (dnsmasq)',
  'dnsmasq//lease-event': 'The script that notes addresses',
  'berth-helper': "Berth's helper",
  'berth-helper//parser': 'The loader of profiles',
  'berth-helper//kmod': 'The loader of kernel modules',
  'berth-helper//own-data': "A program of QEMU or dnsmasq on Berth's own data",
  'berth-helper//image-build': 'The building of an image',
  'berth-helper//libraries': "The search for a program's libraries",
};

function ownCaution(utility: string, hasRule: boolean): string {
  if (utility === conversion)
    return 'It works on the files it was started for, and on no other. An image that asks for more is not to be trusted.';
  const profile = { dnsmasq: dnsmasqProfileName, 'berth-helper': 'berth-helper' }[utility];
  const wayOut =
    profile === undefined || !hasRule
      ? ''
      : ` The administrator can put the rule into /etc/apparmor.d/multipass.d/${profile}; it counts from the program's next start.`;
  return `If something of Berth does not work, this may be why.${wayOut}`;
}

interface FileContext {
  readonly instance: string;
  readonly places: Places;
  /** A rule can say exactly this file. */
  readonly isWritable: boolean;
}

function judgeFile(denied: Judgeable, who: string, context: FileContext): Omit<Judged, 'rule'> {
  const place = placeOf(denied.subject, context.instance, context.places);
  const explanation = `${who} tried to ${deed(denied.access ?? '', denied.operations)} ${denied.subject}, which is ${place.meaning}.`;
  const refusal = refusalOf(denied, place, context.isWritable);
  if (refusal !== undefined) return { explanation, offers: [], caution: refusal };
  return {
    explanation,
    offers: place.grantable === 'read' ? ['read'] : ['read', 'read-write'],
    ...(place.caution === undefined ? {} : { caution: place.caution }),
  };
}

/** Why nothing of it may be allowed. */
function refusalOf(
  { utility, subject, access = '' }: Judgeable,
  place: Place,
  isWritable: boolean,
): string | undefined {
  if (isShareServer(utility))
    return 'The server of a shared folder gets that folder alone. Share another folder if the machine needs more.';
  if (!utility.startsWith('qemu-system-'))
    return 'This program works on the files it was started for, and on no other.';
  if (place.grantable === 'nothing') return place.caution;
  if (subject.endsWith('/'))
    return 'It is a folder. Only single files can be given this way; share a folder to give more.';
  if (!isWritable) return 'Its name cannot be written in a rule exactly, so nothing is allowed. Rename the file.';
  if (/[mx]/.test(access)) return 'No machine ever runs a file of this computer, or loads it as a program.';
  return /[cdl]/.test(access) && !/[rwa]/.test(access)
    ? 'A machine makes, renames and deletes no files of this computer; it can be given files that exist.'
    : undefined;
}

/** `open` for reading and writing alike; what makes, deletes and renames has words of its own. */
function deed(access: string, operations: readonly string[]): string {
  const known: Readonly<Record<string, string>> = {
    mknod: 'make',
    mkdir: 'make the folder',
    unlink: 'delete',
    rmdir: 'delete the folder',
    rename_src: 'rename',
    rename_dest: 'replace',
    link: 'link to',
    chmod: 'change the rights of',
    chown: 'change the owner of',
    truncate: 'cut',
  };
  const words = [...new Set(operations.flatMap((operation) => known[operation] ?? []))];
  if (/r/.test(access)) words.unshift('read');
  if (/[wa]/.test(access) && !words.some((word) => word !== 'read')) words.push('write to');
  if (/m/.test(access)) words.push('load as a program');
  if (words.length === 0) words.push(/k/.test(access) ? 'lock' : 'open');
  return words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

const others: Readonly<
  Record<Exclude<DenialKind, 'file'>, readonly [tried: (subject: string) => string, caution: string]>
> = {
  exec: [
    (subject) => `tried to start the program ${subject}`,
    'No machine ever starts a program of this computer. If this comes again and again, treat the machine as broken into.',
  ],
  capability: [
    (subject) => `tried to use the root privilege ${subject}`,
    'No machine has a privilege of root, and none can be given.',
  ],
  network: [
    (subject) => `tried to open a network connection of this computer (${subject})`,
    "A machine's only network is its own card on the bridge. A forward or another network is the way.",
  ],
  socket: [
    (subject) => `tried to speak to another program over ${subject}`,
    "Programs of this computer are out of a machine's reach. Shared folders and the network are the ways in and out.",
  ],
  signal: [(subject) => `tried to send a signal (${subject})`, 'A machine may end nothing but itself.'],
  ptrace: [
    (subject) => `tried to look into another program (${subject})`,
    'That would open everything that program knows.',
  ],
  mount: [
    (subject) => `tried to change what is mounted (${subject})`,
    'Mounts are part of the walls around a machine.',
  ],
  profile: [(subject) => `tried to leave its confinement (${subject})`, 'No machine changes its own confinement.'],
  other: [
    (subject) => `tried something that its profile does not allow (${subject})`,
    'There is no safe way to allow it for one machine.',
  ],
};

function programName(utility: string): string {
  if (utility.startsWith('qemu-system-')) return 'The machine';
  return isShareServer(utility) ? 'The server of a shared folder' : utility;
}
