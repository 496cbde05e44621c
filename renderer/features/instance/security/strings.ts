// SPDX-License-Identifier: MIT
import type { DecideDenialParams, Denial } from '#contract/denials.ts';
import type { ConfinementLayer } from '#contract/security.ts';
import type { KnownOf } from '#contract/open-enum.ts';
import { countOf, sentences } from '../../../lib/format.ts';
import type { TouchGroup } from './touch-groups.ts';

type Words = readonly [title: string, meaning: string];

export const securityStrings = {
  tab: 'Security',
  waiting: (count: number): string => (count === 1 ? '1 request to review' : `${count} requests to review`),
  loading: 'Measuring…',
  unknown: 'Security information is not available right now',
  measureAgain: 'Measure again',
  verdict: {
    share: (standing: number, count: number): string => `${standing} of ${count}`,
    held: (name: string, count: number): Words => [
      `${name} is fully isolated`,
      `All ${count} layers of isolation were measured on the running process and are active. Everything it can access on this computer is listed below.`,
    ],
    partly: (name: string, share: string, lacking: string, reason: string | undefined): Words => [
      `${name} is isolated by ${share} layers`,
      sentences(`missing here: ${lacking}`, reason, 'the others were measured on the running process and are active'),
    ],
    open: (name: string, lacking: string): Words => [
      `${name} is not isolated as it should be`,
      `These layers are not active or could not be measured: ${lacking}. Stop the instance if you do not trust the software in it.`,
    ],
    reporting: (name: string): Words => [
      `One layer of ${name} only reports`,
      'Its profile allows everything and records below what it would block. The other layers are active. Switch it back to blocking when you are done.',
    ],
    idle: (name: string): Words => [
      `${name} is not running`,
      'This is what it can access on this computer while it is running. The layers are measured then.',
    ],
  },
  consent: {
    given: 'You allowed this instance to run without AppArmor.',
    withdraw: 'Withdraw',
    needed: (reason: string): string => `It cannot start: ${reason}, and it is not allowed to run without AppArmor.`,
    give: 'Allow it',
    explain:
      'AppArmor is a part of the Linux kernel that restricts a program to a list of files. Without it, the other layers still apply.',
  },
  restart: 'Some changes take effect after a restart.',
  mode: {
    title: 'If a layer gets in the way',
    text: 'AppArmor can report instead of block: it then allows access to files that are not on the list, and records it above. Use this for a few minutes to find out what an instance needs. The other layers stay active. The administrator decides who can do this; by default, only root.',
    complain: 'Only report…',
    enforce: 'Block again',
    ask: (name: string): string => `Allow ${name} to open files that are not on its list?`,
    warnings: [
      'Malicious software in the instance could then read files that every user of this computer can read. The other layers stay active: private files, other instances and other networks are not accessible, and it cannot start programs.',
      'It takes effect at once and stays until you set it back, here or with berth enforce.',
    ],
    cancel: 'Cancel',
    confirm: 'Only report',
  },
  touch: {
    title: 'What this instance can access',
    text: 'On this computer, it can access this and nothing else. Its layers are built from this list.',
    takeBack: 'Revoke',
    takeBackOf: (path: string): string => `Revoke access to ${path}`,
    textWithoutList: 'This is what it should have access to. Its layers are built from this list.',
    everybodys: 'And everything that every user of this computer can read',
    everybodysText:
      'The list of allowed files is not enforced, so the instance can read files that everyone can read. Private files, disks of other instances and other networks are not accessible, and it cannot start programs.',
    nothingElse: 'Nothing else',
    nothingElseText: 'No personal files, no other instances, no other networks, no programs, no other devices',
    modes: { r: 'read', rw: 'read and write' },
    more: (count: number): string => countOf(count, 'place', 'places'),
    groups: {
      disk: ['Its own disk', 'Everything you store in the instance is here.'],
      image: ['The image it was created from', 'Shared with other instances of this image. No instance can change it.'],
      start: ['Start-up files', 'Its initial settings, and a kernel or firmware where needed.'],
      program: ['QEMU', 'The program that emulates its hardware.'],
      network: [
        'Its network card',
        'Connected to Berth’s own bridge. It cannot see other network connections of this computer.',
      ],
      processor: ['Hardware virtualization', 'Makes it fast and gives no other access.'],
      basics: ['Basic devices', 'Standard devices such as /dev/null and random numbers.'],
      control: ['Its power button and console', 'How Berth shuts it down and shows its console.'],
      log: ['Its logs', 'The console record and QEMU’s messages.'],
      memory: ['Huge pages', 'Memory reserved on this computer for instances.'],
      device: ['Devices of this computer', 'Granted by its owner.'],
      passthrough: ['Passed-through hardware', 'This computer does not use it while the instance runs.'],
      granted: ['Files you granted', 'In addition to what every instance needs.'],
    } satisfies Readonly<Record<TouchGroup['id'], Words>>,
  },
  layers: {
    title: 'Isolation layers',
    text: 'Each layer works on its own: if one fails, the next still protects this computer. Measured on the running process, not read from settings.',
    idle: 'Each layer works on its own: if one fails, the next still protects this computer. They are measured while it is running.',
    names: {
      apparmor: [
        'A list of allowed files (AppArmor)',
        'The kernel lets it open the files on its list and blocks all others.',
      ],
      uid: ['A separate user', 'It runs as a user that owns nothing else on this computer.'],
      capabilities: ['No root privileges', 'It has no administrator privileges and cannot get any.'],
      seccomp: ['A system call filter', 'The kernel ends it if it tries to start a program or become another user.'],
      namespaces: ['Separate namespaces', 'It sees its own mounts and network, not those of this computer.'],
      'private-dev': ['A private /dev', 'Only the devices it needs are visible.'],
      devices: ['Device control', 'The kernel blocks all other devices, visible or not.'],
      limits: ['Resource limits', 'It cannot use up this computer’s memory, processes or CPU time.'],
    } satisfies Readonly<Record<KnownOf<ConfinementLayer['layer']>, Words>>,
    states: {
      on: 'Active',
      off: 'Not active',
      unavailable: 'Not available',
      unknown: 'Not measured',
    } satisfies Readonly<Record<KnownOf<ConfinementLayer['state']>, string>>,
    measured: 'Measured:',
  },
  denials: {
    title: 'Blocked access',
    none: 'Nothing was blocked.',
    noneText: 'When the instance tries to access something that is not on its list, it appears here for you to review.',
    keepAll: 'Keep all blocked',
    undecided: (count: number): string => countOf(count, 'request to review', 'requests to review'),
    decided: (count: number): string => `Reviewed (${count})`,
    keep: 'Keep blocked',
    blockAgain: 'Block again',
    read: 'Allow reading',
    readWrite: 'Allow reading and writing',
    decisions: {
      'keep-blocked': 'Kept blocked',
      read: 'Allowed to read',
      'read-write': 'Allowed to read and write',
    } satisfies Readonly<Record<DecideDenialParams['choice'], string>>,
    outcomes: { refused: 'Blocked', reported: 'Allowed and reported' } satisfies Readonly<
      Record<KnownOf<Denial['outcome']>, string>
    >,
    times: (count: number, ago: string): string => (count === 1 ? `once, ${ago}` : `${count} times, last ${ago}`),
    details: 'Details',
    rule: 'The AppArmor rule that would allow it',
    profile: 'Profile',
    operations: 'As reported by the kernel',
    first: 'First seen',
    lost: (count: number, moment: string): string =>
      `The kernel dropped ${countOf(count, 'record', 'records')}, the last ${moment}. More may have been blocked.`,
    fromBefore: 'Recorded earlier. Nothing is being recorded on this computer now.',
    seenIn: (place: string): string => `Seen in ${place}.`,
  },
  ownDenials: {
    title: 'Berth itself',
    text: 'The programs that Berth runs for all instances are isolated too. What was blocked appears here, in case something does not work.',
    count: (count: number): string => `${countOf(count, 'access was', 'accesses were')} blocked`,
  },
} as const;
