// SPDX-License-Identifier: MIT
import { failed, refused, usage } from '../exit-codes.ts';
import type { ErrorRow } from './errors.ts';

/** Codes that came since: an older client does not know them, so they travel with their words. New ones go here. */
export const laterErrors = {
  'helper.socket-blocked': {
    message: 'The helper cannot make its socket {path}, because something is in its place: {reason}',
    hint: 'Move away what is there (see it with ls -ld and findmnt), and start the helper again.',
    exitCode: refused,
  },
  'image.settings-unusable': {
    message: 'No image source is used, because the settings of images cannot be used. {reason}',
    hint: '{wayOut}',
    exitCode: refused,
  },
  'helper.run-directory-unsafe': {
    message: 'The run directory {path} cannot be used: {place} {reason}, so that its sockets could be replaced.',
    hint: 'Choose another one with --run-dir, or let only root change that place: chown root and chmod go-w.',
    exitCode: refused,
  },
  'image.name-invalid': {
    message: '{image} is not a valid image name: {reason}.',
    hint: 'Use a name from berth find (debian-12, ubuntu:24.04, mia/mine), a digest, a file path or an https URL.',
    exitCode: usage,
  },
  'host.too-little-memory': {
    message:
      'An instance with {asked} of memory can never run here: this computer has {memory}, and with swap {total}.',
    hint: 'Ask for less, with --memory; what runs beside it needs some too.',
    exitCode: usage,
  },
  'instance.paused': {
    message: '{name} is paused: {reason}.',
    hint: 'Free some disk space, or repair the disk that instances are stored on. When there is space, it continues automatically; berth start {name} continues it at once.',
    exitCode: refused,
  },
  'instance.held': {
    message: '{name} is paused.',
    hint: 'Continue it with berth resume {name}.',
    exitCode: refused,
  },
  'instance.suspended': {
    message: '{name} is suspended, so it cannot {command}.',
    hint: 'Continue it with berth start {name}, or discard its saved memory with berth stop --force {name}: its disk is kept, and what was not written to it is lost.',
    exitCode: refused,
  },
  'instance.not-suspendable': {
    message: '{name} cannot be suspended: {reason}.',
    hint: 'It goes on running. Change that, or stop it with berth stop {name}.',
    exitCode: refused,
  },
  'memory.damaged': {
    message: 'The saved memory of {name} cannot be used: {reason}.',
    hint: 'Start it without the saved memory: berth start --cold {name}. Its disk is kept; what was not written to it is lost.',
    exitCode: refused,
  },
  'memory.disk-changed': {
    message: 'The saved memory of {name} cannot be used: {path} was changed since it was suspended.',
    hint: 'Start it without the saved memory: berth start --cold {name}. Its disk is kept; what was not written to it is lost.',
    exitCode: refused,
  },
  'memory.machine-differs': {
    message: 'The saved memory of {name} cannot be used: {what} was {before} and is {now} now.',
    hint: 'Start it without the saved memory: berth start --cold {name}. Its disk is kept; what was not written to it is lost.',
    exitCode: refused,
  },
  'memory.devices-differ': {
    message: 'The saved memory of {name} cannot be used: this version of Berth gives it other devices.',
    hint: 'Start it without the saved memory: berth start --cold {name}. Its disk is kept; what was not written to it is lost.',
    exitCode: refused,
  },
  'memory.refused': {
    message: 'The saved memory of {name} cannot be used: QEMU does not load it. {reason}',
    hint: 'Start it without the saved memory: berth start --cold {name}. Its disk is kept; what was not written to it is lost.',
    exitCode: refused,
  },
  'hypervisor.still-runs': {
    message: 'QEMU still runs as process {pid}: {reason}.',
    hint: 'Its files were left alone. As root, end it with kill -9 {pid}, or restart this computer; then try again.',
    exitCode: failed,
  },
  'instance.protected': {
    message: '{name} is protected, so it cannot {command}.',
    hint: 'Take the protection off first: berth set {name} protected=no',
    exitCode: refused,
  },
  'instance.stop-needed': {
    message: 'The {setting} of {name} can only be changed while it is stopped; it is {state}.',
    hint: '{wayOut}',
    exitCode: refused,
  },
  'instance.disk-too-small': {
    message: 'The disk of {name} has {size} and cannot be made smaller ({asked}).',
    hint: 'A disk can only grow. To have a smaller one, launch another instance and copy your files.',
    exitCode: refused,
  },
  'record.not-json': {
    message: 'The file {path} does not hold a JSON object.',
    hint: 'Restore it from a backup and restart the helper.',
    exitCode: failed,
  },
  'record.damaged': {
    message: 'In the file {path}, {field} is missing or has a value that Berth cannot use.',
    hint: 'Repair it, or restore it from a backup, and restart the helper.',
    exitCode: failed,
  },
  'record.newer': {
    message: 'The file {path} was written by a newer version of Berth.',
    hint: 'Update Berth.',
    exitCode: failed,
  },
  'record.missing': {
    message: 'The file {path} is missing.',
    hint: 'Restore it from a backup and restart the helper.',
    exitCode: failed,
  },
  'record.misplaced': {
    message: 'The file {path} is the record of {name}.',
    hint: 'Put it back where it was and restart the helper.',
    exitCode: failed,
  },
  'record.copied': {
    message: 'The directory of {name} is a copy of that of {original}.',
    hint: 'Remove the copy with berth purge {name}; {original} stays as it is.',
    exitCode: failed,
  },
  'record.one-of-copies': {
    message: '{name} is the same instance as {others}: one directory is a copy of the other, and nothing tells which.',
    hint: 'Move the copy out of the directory of instances and restart the helper.',
    exitCode: failed,
  },
  'record.later-value': {
    message: 'This version of Berth does not know the {what} “{value}”.',
    hint: 'Update Berth.',
    exitCode: refused,
  },
  'record.set-aside': {
    message: 'The unreadable file was moved to {path}.',
    hint: 'Repair it, or restore it from a backup, and restart the helper.',
    exitCode: failed,
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
