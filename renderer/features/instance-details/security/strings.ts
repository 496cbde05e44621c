// SPDX-License-Identifier: MIT
import type { DecideDenialParams, Denial } from '#contract/denials.ts';
import type { ConfinementLayer } from '#contract/security.ts';
import type { KnownOf } from '#contract/open-enum.ts';
import { countOf, sentences } from '../../../lib/format.ts';
import type { TouchGroup } from './touch-groups.ts';

type Words = readonly [title: string, meaning: string];

export const securityStrings = {
  loading: 'Measuring…',
  unknown: 'Its security cannot be told now',
  measureAgain: 'Measure again',
  verdict: {
    share: (standing: number, count: number): string => `${standing} of ${count}`,
    held: (name: string, count: number): Words => [
      `${name} is locked in`,
      `All ${count} layers around it were measured on the running process, and every one holds. What it can touch of this computer is listed below, and it is everything.`,
    ],
    partly: (name: string, share: string, lacking: string, reason: string | undefined): Words => [
      `${share} layers hold ${name} in`,
      sentences(`missing here: ${lacking}`, reason, 'the others were measured on the running process and hold'),
    ],
    open: (name: string, lacking: string): Words => [
      `${name} is not held as it should be`,
      `These layers were found open, or could not be measured: ${lacking}. Stop it if you do not trust what runs in it.`,
    ],
    reporting: (name: string): Words => [
      `One layer around ${name} only reports`,
      'What its profile would refuse is let through and noted below. The other layers hold. Set it back to refusing when you have seen enough.',
    ],
    idle: (name: string): Words => [
      `${name} is not running`,
      'Nothing of it runs, so there is nothing to hold. This is what it can touch of this computer when it runs; the layers are measured then.',
    ],
  },
  consent: {
    given: 'You allowed it to run without AppArmor.',
    withdraw: 'Withdraw',
    needed: (reason: string): string => `It does not start: ${reason}, and nobody allowed it to run without AppArmor.`,
    give: 'Allow it',
    explain:
      'AppArmor is a part of the Linux kernel that holds a program to a list of files. Many computers have it; where it lacks, the other layers do what they can.',
  },
  restart: 'Some of what was decided takes effect when it starts again.',
  mode: {
    title: 'When a layer is in the way',
    text: 'The list of allowed files can be made to only report: what it would refuse is let through and noted above. For finding out what a machine needs, for minutes and not for good. The other layers stay as they are. The administrator decides who may do that; by default only root.',
    complain: 'Only report…',
    enforce: 'Refuse again',
    ask: (name: string): string => `Let ${name} open files that are not on its list?`,
    warnings: [
      'Whatever has taken the machine over could then open files that every user of this computer may read. The other layers stay: private files, other machines and other networks are closed to it, and it starts no programs.',
      'It takes effect at once and stays until you set it back, here or with berth enforce.',
    ],
    cancel: 'Cancel',
    confirm: 'Only report',
  },
  touch: {
    title: 'What this machine can touch',
    text: 'Of this computer, this and nothing else. The list is the very one that its layers are made from.',
    takeBack: 'Take back',
    takeBackOf: (path: string): string => `Take back ${path}`,
    textWithoutList: 'This was meant for it, and its layers are made from it.',
    everybodys: 'And what every user of this computer may read',
    everybodysText:
      'The list of allowed files is not in force, so files that are open to everybody are open to it too. Private files, other machines’ disks and other networks stay closed, and it starts no programs.',
    nothingElse: 'Nothing else',
    nothingElseText: 'Not your files, not other machines, no other network, no programs, no other devices.',
    modes: { r: 'reads', rw: 'reads and writes' },
    more: (count: number): string => countOf(count, 'place', 'places'),
    groups: {
      disk: ['Its own disk', 'All that you keep in it is here.'],
      image: ['The image it was made from', 'Shared with other machines of that image, so no machine can change it.'],
      start: ['What it starts with', 'Its first settings, and a kernel or firmware where it needs one.'],
      program: ['QEMU', 'The program that plays the computer for it.'],
      network: [
        'Its network card',
        'One end of a cable to Berth’s own bridge. It sees no other connection of this computer.',
      ],
      processor: ['The processor’s support for machines', 'Makes it fast; gives no other access.'],
      basics: ['What every program has', 'An empty sink, zeros and random numbers.'],
      control: ['Its power button and its console', 'How Berth stops it and shows its screen of text.'],
      log: ['What it prints', 'The record of its console, and QEMU’s own messages.'],
      memory: ['Large pages of memory', 'Set apart on this computer for machines.'],
      device: ['Devices of this computer', 'Given to it by its owner.'],
      passthrough: ['Hardware given to it whole', 'This computer does not use it while the machine has it.'],
      granted: ['What you gave it besides', 'Beyond what a machine needs.'],
    } satisfies Readonly<Record<TouchGroup['id'], Words>>,
  },
  layers: {
    title: 'What holds it in',
    text: 'One behind the other: what gets past one is stopped by the next. Measured on the running process, not read from settings.',
    idle: 'One behind the other: what gets past one is stopped by the next. They are measured while it runs.',
    names: {
      apparmor: [
        'A list of allowed files (AppArmor)',
        'The kernel opens for it the files listed here, and refuses every other.',
      ],
      uid: ['A user of its own', 'It runs as a user that owns nothing else on this computer.'],
      capabilities: ['No powers of root', 'It holds none of the administrator’s powers and cannot get one.'],
      seccomp: [
        'A filter on requests',
        'The kernel ends it if it tries to start a program or to become somebody else.',
      ],
      namespaces: ['A view of its own', 'It sees its own mounts and its own network, not this computer’s.'],
      'private-dev': ['A /dev of its own', 'Only the devices it needs are in sight.'],
      devices: ['A guard on devices', 'The kernel refuses every other device, in sight or not.'],
      limits: ['A ceiling', 'It cannot use up this computer’s memory, processes or processor time.'],
    } satisfies Readonly<Record<KnownOf<ConfinementLayer['layer']>, Words>>,
    states: {
      on: 'Holds',
      off: 'Open',
      unavailable: 'Not on this computer',
      unknown: 'Not measured',
    } satisfies Readonly<Record<KnownOf<ConfinementLayer['state']>, string>>,
    measured: 'Measured:',
  },
  denials: {
    title: 'What it was refused',
    none: 'Nothing was refused.',
    noneText: 'When it reaches for something that is not on its list, that shows here, and you decide.',
    keepAll: 'Keep all blocked',
    undecided: (count: number): string => countOf(count, 'thing waits for you', 'things wait for you'),
    decided: (count: number): string => `Decided (${count})`,
    keep: 'Keep blocked',
    blockAgain: 'Block again',
    read: 'Allow reading',
    readWrite: 'Allow reading and writing',
    decisions: {
      'keep-blocked': 'Kept blocked',
      read: 'Allowed to read',
      'read-write': 'Allowed to read and write',
    } satisfies Readonly<Record<DecideDenialParams['choice'], string>>,
    outcomes: { refused: 'Refused', reported: 'Let through, reported' } satisfies Readonly<
      Record<KnownOf<Denial['outcome']>, string>
    >,
    times: (count: number, ago: string): string => (count === 1 ? `once, ${ago}` : `${count} times, last ${ago}`),
    details: 'Details',
    rule: 'The AppArmor rule that would allow it',
    profile: 'Profile',
    operations: 'The kernel’s words',
    first: 'First seen',
    lost: (count: number, moment: string): string =>
      `The kernel left out ${countOf(count, 'record', 'records')}, the last ${moment}: more may have been refused.`,
    fromBefore: 'They are from before: nothing is recorded on this computer now.',
    seenIn: (place: string): string => `Seen in ${place}.`,
  },
  ownDenials: {
    title: 'Berth itself',
    text: 'Programs that Berth runs for all machines are held in too. What they were refused shows here, for whoever looks for why something does not work.',
    count: (count: number): string => `${countOf(count, 'thing was', 'things were')} refused`,
  },
} as const;
