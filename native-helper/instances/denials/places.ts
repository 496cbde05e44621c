// SPDX-License-Identifier: MIT
import { isBelow } from '../../core/is-below.ts';

/** Where Berth keeps its own, for telling what a refused file is. */
export interface Places {
  readonly stateDirectory: string;
  readonly runDirectory: string;
}

/** What a path is to a person, and how much of it a machine may ever be given. */
export interface Place {
  /** Completes "…, which is". */
  readonly meaning: string;
  readonly grantable: 'all' | 'read' | 'nothing';
  /** Why not all of it. */
  readonly caution?: string;
}

type Described = readonly [pattern: RegExp, place: Place];

const nothing = (meaning: string, caution: string): Place => ({ meaning, grantable: 'nothing', caution });
const readOnly = (meaning: string): Place => ({
  meaning,
  grantable: 'read',
  caution: 'It belongs to the system of this computer, so a machine may read it at most.',
});

/** The first that fits. */
const host: readonly Described[] = [
  [
    /^\/(?:root|etc\/(?:g?shadow-?|sudoers|ssh|security|ssl\/private|krb5\.keytab)|boot|var\/lib\/private)(?:\/|$)|^\/etc\/sudoers\.d\/|\/\.(?:ssh|gnupg|aws|kube|password-store)(?:\/|$)/,
    nothing(
      "a place for this computer's secrets",
      'It may hold passwords or keys. No machine gets it; copy what the machine needs to another file.',
    ),
  ],
  [
    /^\/proc\//,
    nothing("a view of this computer's running programs", 'It would show the machine what runs on this computer.'),
  ],
  [
    /^\/sys\//,
    nothing(
      "a view of this computer's hardware and kernel",
      "It would let the machine look into this computer's kernel.",
    ),
  ],
  [
    /^\/dev\//,
    nothing(
      'a device of this computer',
      "A device needs more than a rule: a node in the machine's /dev and a place in its device list. Give it as a device in the machine's security settings.",
    ),
  ],
  [
    /^\/(?:var\/)?run\/|^\/tmp\//,
    nothing(
      "in a place where this computer's programs meet",
      'Machines have empty /run and /tmp of their own. Move the file elsewhere if the machine needs it.',
    ),
  ],
  [/^\/(?:usr|bin|sbin|lib|lib32|lib64|opt)\//, readOnly('part of the programs of this computer')],
  [/^\/etc\//, readOnly('a settings file of this computer')],
  [
    /^\/var\/lib\/libvirt\/|^\/var\/snap\/|^\/var\/lib\/docker\//,
    nothing(
      'kept by another program that runs machines',
      'It belongs to that program. Copy it if the machine needs it.',
    ),
  ],
];

/** What a path is, from the instance's point of view. */
export function placeOf(path: string, instance: string, { stateDirectory, runDirectory }: Places): Place {
  const other = new RegExp(`^${escapeForPattern(stateDirectory)}/instances/([^/]+)(?:/|$)`).exec(path)?.[1];
  if (other !== undefined && other !== instance)
    return nothing(
      `part of another machine, ${other}`,
      "No machine ever gets another one's disk or keys. Share a folder with both if they need common files.",
    );
  if (other !== undefined)
    return nothing(
      "one of this machine's own files that it does not need while it runs",
      'It gets those of its own files that it needs, and in the way it needs them.',
    );
  if (isBelow(path, `${stateDirectory}/images`))
    return nothing(
      'an image that other machines may stand on',
      'Images never change. A machine writes to its own disk instead.',
    );
  if (isBelow(path, stateDirectory) || isBelow(path, runDirectory))
    return nothing("one of Berth's own files", 'It is what keeps machines apart.');
  const known = host.find(([pattern]) => pattern.test(path))?.[1];
  if (known !== undefined) return known;
  const user = /^\/home\/([^/]+)\//.exec(path)?.[1];
  return {
    meaning:
      user === undefined
        ? "not one of this machine's files"
        : `a file of the user ${user} and not one of this machine's`,
    grantable: 'all',
  };
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
