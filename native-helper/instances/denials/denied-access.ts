// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { Denial, DenialKind } from '#contract/denials.ts';
import { foreignWords } from '../../core/foreign-words.ts';
import type { AuditRecord } from './audit-record.ts';

/** What one audit record says was refused, or would have been in complain mode. */
export interface DeniedAccess {
  readonly at: Date;
  readonly serial: number;
  /** The part between the dots of `multipass.<instance>.<utility>`; undefined for programs that serve all. */
  readonly instance: string | undefined;
  /** Of the helper itself its profile's whole name: `berth-helper//parser`. */
  readonly utility: string;
  readonly kind: DenialKind;
  readonly operation: string;
  readonly subject: string;
  /** Of a file: letters of what was tried. */
  readonly access: string | undefined;
  /** What the rule is made of besides the subject. */
  readonly details: ReadonlyMap<string, string>;
  readonly outcome: Denial['outcome'];
  /** False where the subject's bytes are not known exactly. */
  readonly isExact: boolean;
}

const outcomes: Readonly<Record<string, Denial['outcome']>> = { DENIED: 'refused', ALLOWED: 'reported' };

/**
 * Of a subject as JSON: it is told three times with each denial, in a list of many. A path that anybody uses is
 * shorter.
 */
const longestSubjectBytes = 1024;

/** Undefined for records about other profiles than Berth's, and for those that refuse nothing. */
export function deniedAccess(record: AuditRecord): DeniedAccess | undefined {
  const { fields } = record;
  const outcome = outcomes[record.verdict];
  const profile = fields.get('profile') ?? '';
  const [, instance, program] =
    /^multipass(?:\.([a-z0-9-]+)(?=\.))?\.([a-z0-9][a-z0-9._-]*(?:\/\/.+)?)$/.exec(profile) ?? [];
  const utility = program ?? /^berth-helper(?:\/\/.+)?$/.exec(profile)?.[0];
  if (outcome === undefined || utility === undefined) return undefined;
  const kind = kindOf(fields);
  const [told, source = ''] = subjectOf(kind, fields);
  const subject = boundedSubject(told);
  return {
    at: record.at,
    serial: record.serial,
    instance,
    utility,
    kind,
    operation: fields.get('operation') ?? '',
    subject,
    access: accessOf(kind, fields),
    details: fields,
    outcome,
    isExact: subject === told && !record.inexact.has(source),
  };
}

/** Whether the program is an instance's own: conversions have names of three parts too, and work for no instance. */
export function isOfInstance({ instance, utility }: Pick<DeniedAccess, 'instance' | 'utility'>): boolean {
  return instance !== undefined && (utility.startsWith('qemu-system-') || isShareServer(utility));
}

export function isShareServer(utility: string): boolean {
  return ['share-server', 'virtiofsd'].some((name) => utility.startsWith(name));
}

/** One thing of one program, whatever the letters of the tries: the user decides on it once. */
export function denialId({ utility, kind, subject }: Pick<DeniedAccess, 'utility' | 'kind' | 'subject'>): string {
  return createHash('sha256')
    .update(JSON.stringify([utility, kind, subject]))
    .digest('hex')
    .slice(0, 12);
}

/** By the operation (security/apparmor/include/audit.h); newer kernels say the class too, older ones do not. */
function kindOf(fields: ReadonlyMap<string, string>): DenialKind {
  const operation = fields.get('operation') ?? '';
  if (operation === 'exec') return 'exec';
  if (operation === 'capable') return 'capability';
  if (fields.get('family') === 'unix') return 'socket';
  if (fields.has('family')) return 'network';
  if (operation === 'signal' || operation === 'ptrace') return operation;
  if (['mount', 'umount', 'pivotroot', 'remount', 'move_mount'].includes(operation)) return 'mount';
  if (/^(?:change_|stack|profile_)/.test(operation)) return 'profile';
  if (fields.has('name') && fields.has('denied_mask')) return 'file';
  return 'other';
}

function accessOf(kind: DenialKind, fields: ReadonlyMap<string, string>): string | undefined {
  return kind === 'file' || kind === 'exec' ? (fields.get('denied_mask') ?? '') : undefined;
}

function boundedSubject(subject: string): string {
  return Buffer.byteLength(JSON.stringify(subject)) <= longestSubjectBytes ? subject : foreignWords(subject);
}

/** What it was about, and the field whose bytes it comes from. */
function subjectOf(kind: DenialKind, fields: ReadonlyMap<string, string>): readonly [string, string?] {
  const of = (name: string): string => fields.get(name) ?? '';
  switch (kind) {
    case 'file':
    case 'exec':
      return [of('name'), 'name'];
    case 'capability':
      return [of('capname')];
    case 'network':
      return [`${of('family')} ${of('sock_type')}`.trim()];
    case 'socket': {
      const address = of('peer_addr') === '' || of('peer_addr') === 'none' ? of('addr') : of('peer_addr');
      return address === '' || address === 'none' ? [`unix ${of('sock_type')}`.trim()] : [address, 'addr'];
    }
    case 'signal':
      return [`${of('signal')} → ${of('peer')}`, 'peer'];
    case 'ptrace':
      return [of('peer'), 'peer'];
    case 'mount':
      return [of('name') === '' ? of('srcname') : of('name'), 'name'];
    case 'profile':
      return [of('target') === '' ? of('name') : of('target'), 'target'];
    case 'other':
      return [[of('operation'), of('name')].join(' ').trim(), 'name'];
    default:
      return kind satisfies never;
  }
}
