// SPDX-License-Identifier: MIT
import { cancelled, failed, notFound, refused, unreachable, usage } from './error-exit-codes.ts';

/**
 * One row per error code: what it says, how to get out, and the CLI's exit code. Codes are stable:
 * a released code is never renamed and never given another meaning. `{name}` is filled from the
 * error's params by describeError.
 */
export interface ErrorTemplate {
  readonly message: string;
  readonly hint: string;
  readonly exitCode: number;
}

/** The codes that every client of this protocol knows. */
export const firstTemplates = {
  'request.invalid': {
    message: 'The request is not valid: {reason}',
    hint: 'Correct what is named and try again.',
    exitCode: usage,
  },
  'request.unsupported': {
    message: 'The helper knows no method {method}.',
    hint: 'Window, command line and helper must be of one version: update the older one.',
    exitCode: usage,
  },
  'request.too-large': {
    message: 'A message of {bytes} bytes is larger than the limit of {limit}.',
    hint: 'Send less in one request.',
    exitCode: usage,
  },
  'request.cancelled': {
    message: 'The request was withdrawn.',
    hint: 'Send it again if it is still wanted.',
    exitCode: cancelled,
  },
  'auth.denied': {
    message: 'User {uid} may not {action}.',
    hint: 'Ask the owner or an administrator.',
    exitCode: refused,
  },
  'helper.unreachable': {
    message: 'The helper does not answer at {path}: {reason}',
    hint: 'Start it (systemctl start berth-helper) and check that you are in its group.',
    exitCode: unreachable,
  },
  'helper.version-mismatch': {
    message: 'The helper speaks protocol {helper}, this program {client}.',
    hint: 'Update the older of the two.',
    exitCode: unreachable,
  },
  'helper.busy': {
    message: 'The helper has {limit} requests of this connection under way.',
    hint: 'Wait for answers before sending more.',
    exitCode: unreachable,
  },
  'quota.exceeded': {
    message: 'User {uid} may have no more than {limit} {what}.',
    hint: "Give up some, or let an administrator raise {setting} in the helper's quotas.conf.",
    exitCode: refused,
  },
  'helper.already-running': {
    message: 'Another helper serves {path}.',
    hint: 'Stop it first, or choose another run directory.',
    exitCode: refused,
  },
  'instance.not-found': {
    message: 'There is no instance {name}.',
    hint: 'See the names with berth list.',
    exitCode: notFound,
  },
  'instance.exists': {
    message: 'An instance {name} exists already{where}.',
    hint: 'Choose another name, or recover or purge the one that has it.',
    exitCode: refused,
  },
  'instance.wrong-state': {
    message: 'Instance {name} is {state}; it cannot {command}.',
    hint: 'Recover it first where it is deleted; delete it first to purge it; wait where it is changing.',
    exitCode: refused,
  },
  'instance.broken': {
    message: 'The record of instance {name} cannot be read: {reason}',
    hint: 'Nothing was deleted. The unreadable record lies beside it; repair or restore it and restart the helper, or remove the instance for good with berth purge {name}.',
    exitCode: failed,
  },
  'image.not-found': {
    message: 'There is no image {image}.',
    hint: 'See what can be launched with berth find.',
    exitCode: notFound,
  },
  'image.in-use': {
    message: 'Image {image} is used by {users}.',
    hint: 'Purge those instances first.',
    exitCode: refused,
  },
  'image.unsupported-format': {
    message: 'The image {path} is not usable: {reason}',
    hint: 'Convert it to a stand-alone qcow2 or raw file first.',
    exitCode: refused,
  },
  'image.conversion-failed': {
    message: 'qemu-img could not convert {path}: {reason}',
    hint: 'Check the file and the free space.',
    exitCode: failed,
  },
  'image.checksum-mismatch': {
    message: 'The image {path} has the digest {actual}, not {expected}.',
    hint: 'The file changed or is damaged; fetch it again.',
    exitCode: failed,
  },
  'image.source-denied': {
    message: 'User {uid} cannot read {path}: {reason}',
    hint: 'Check the path, give yourself read access to the file, or name another.',
    exitCode: refused,
  },
  'image.alias-reserved': {
    message: 'An image of yours cannot be named {alias}: {reason}',
    hint: 'Choose another alias, such as my-{alias}.',
    exitCode: refused,
  },
  'image.base-changed': {
    message: 'The image that {name} stands on is not the one it was made on: {reason}',
    hint: 'Its disk cannot be read without that image. Bring the very same image back, or restore the vault from a backup.',
    exitCode: refused,
  },
  'image.ambiguous': {
    message: '{image} means {count} images.',
    hint: 'Give more digits, or the whole name as berth find shows it.',
    exitCode: notFound,
  },
  'image.unsupported-release': {
    message: '{image} is no longer supported by its publisher.',
    hint: 'Launch it by its whole name (remote:alias) if you want it all the same.',
    exitCode: refused,
  },
  'image.damaged': {
    message: 'The image {image} is damaged: its digest is {actual}.',
    hint: 'Remove it and fetch, build or import it again; instances on it may be damaged too.',
    exitCode: failed,
  },
  'image.remote-unreachable': {
    message: 'The remote {remote} does not answer: {reason}',
    hint: 'Check the network and the proxy; what was known of it before stays usable.',
    exitCode: failed,
  },
  'image.remote-not-found': {
    message: 'There is no remote {remote}.',
    hint: 'See them with berth images remotes.',
    exitCode: notFound,
  },
  'image.catalogue-invalid': {
    message: 'The list of the remote {remote} is not usable: {reason}',
    hint: 'Try again later; tell the publisher if it stays so.',
    exitCode: failed,
  },
  'image.signature-invalid': {
    message: 'The list of the remote {remote} is not signed as it should be: {reason}',
    hint: 'Do not use it. A mirror may lack the signature; a changed list may be an attack.',
    exitCode: refused,
  },
  'image.download-failed': {
    message: 'Fetching {url} failed: {reason}',
    hint: 'Check the network and the proxy, and try again: it goes on where it can.',
    exitCode: failed,
  },
  'image.download-refused': {
    message: 'Fetching {url} was refused: {reason}',
    hint: 'The server asks for something that is not safe; use another mirror.',
    exitCode: refused,
  },
  'image.disk-too-small': {
    message: 'A disk of {asked} is too small for the image {image}, which has {least}.',
    hint: 'Ask for {least} or more.',
    exitCode: usage,
  },
  'image.build-failed': {
    message: 'Building the image {image} failed: {reason}',
    hint: 'The build log names the step; check the package mirror and free space.',
    exitCode: failed,
  },
  'storage.disk-full': {
    message: '{path} has {free} free; {needed} are needed.',
    hint: 'Free some space, or purge deleted instances.',
    exitCode: failed,
  },
  'storage.failed': {
    message: 'Cannot {action} {path}: {reason}',
    hint: 'Check the disk and the permissions of that path.',
    exitCode: failed,
  },
  'store.conflict': { message: 'The record of {name} changed meanwhile.', hint: 'Try again.', exitCode: failed },
  'network.bridge-conflict': {
    message: 'The device {bridge} exists, and this helper did not make it.',
    hint: 'It may be of another Berth helper or of another program: see it with ip -d link. Start this helper with --bridge NAME, or remove the device where nobody uses it.',
    exitCode: refused,
  },
  'network.subnet-exhausted': {
    message: 'No free private subnet was found.',
    hint: 'Free a range in 10.0.0.0/8 or configure one.',
    exitCode: failed,
  },
  'network.dnsmasq-failed': {
    message: 'dnsmasq does not run: {reason}',
    hint: 'Another DNS or DHCP server may hold its port on the bridge.',
    exitCode: failed,
  },
  'network.setup-failed': {
    message: 'The network could not be set up: {reason}',
    hint: "See the helper's log for the command that failed.",
    exitCode: failed,
  },
  'network.proxy-failed': {
    message: 'The proxy {proxy} cannot be used: {reason}',
    hint: "Check the proxy's address and the name and password in it.",
    exitCode: failed,
  },
  'confinement.unavailable': {
    message: 'The confinement {layer} is not available: {reason}',
    hint: 'Install what is missing, or allow this instance to run without it.',
    exitCode: refused,
  },
  'confinement.consent-required': {
    message: 'Instance {name} would run without AppArmor: {reason}.',
    hint: 'Boot a kernel with AppArmor, or allow it for this instance: in the window, or with --without-apparmor on launch or start. It is remembered.',
    exitCode: refused,
  },
  'confinement.root-only': {
    message: '{what} can be given to {name} by root alone: {reason}.',
    hint: 'Ask the administrator, who can set it (sudo) or let users with users_may in security.conf. To start without: berth enforce {name}, or berth security {name} --clear qemu-arg --clear qemu-env.',
    exitCode: refused,
  },
  'confinement.administrator-file': {
    message: '{path} cannot be relied on: {reason}',
    hint: "Correct it; it must be root's and writable by root alone, as must its directory. No instance starts until then.",
    exitCode: refused,
  },
  'confinement.profile-rejected': {
    message: 'The AppArmor profile {profile} was refused: {reason}',
    hint: "Check additions in the administrator's templates.",
    exitCode: failed,
  },
  'denial.not-found': {
    message: 'Nothing of that number was refused to {name}: {id}.',
    hint: 'See what was with berth denials {name}.',
    exitCode: notFound,
  },
  'grant.denied': {
    message: 'User {uid} may not give {path} to a machine: {reason}',
    hint: 'Give what you may touch yourself; devices are given by root (sudo).',
    exitCode: refused,
  },
  'grant.source-changed': {
    message: '{path} is not the file any more that was given to {name}: {reason}',
    hint: 'Give it again, or take it back.',
    exitCode: refused,
  },
  'grant.not-found': {
    message: '{path} is not given to {name}.',
    hint: 'instances.security tells what is.',
    exitCode: notFound,
  },
  'grant.in-use': {
    message: '{name} has {path} open.',
    hint: 'Stop the instance first: what is open stays open.',
    exitCode: refused,
  },
  'hardware.unavailable': {
    message: '{what} cannot be given to a machine: {reason}.',
    hint: 'Prepare it on this computer, or take it from the instance.',
    exitCode: refused,
  },
  'denial.not-allowed': {
    message: '{subject} cannot be allowed to {name} that way: {reason}',
    hint: 'See what can be with berth denials {name}.',
    exitCode: refused,
  },
  'hypervisor.missing': {
    message: '{program} is not installed.',
    hint: 'Install the package {package}.',
    exitCode: failed,
  },
  'hypervisor.start-failed': {
    message: 'QEMU did not start: {reason}',
    hint: "The reason is QEMU's own; the instance's log has all of it.",
    exitCode: failed,
  },
  'hypervisor.crashed': {
    message: 'QEMU ended while {activity}: {reason}',
    hint: "The console and the instance's log show what came before.",
    exitCode: failed,
  },
  'hypervisor.control-timeout': {
    message: 'QEMU did not answer {command} within {seconds} s.',
    hint: 'The instance may be overloaded; try again or stop it with force.',
    exitCode: failed,
  },
  'hypervisor.control-failed': {
    message: 'QEMU refused {command}: {reason}',
    hint: "The reason is QEMU's own.",
    exitCode: failed,
  },
  'guest.kernel-panic': {
    message: "The guest's kernel stopped: {reason}",
    hint: 'The console shows what came before; the image or its disk may be damaged.',
    exitCode: failed,
  },
  'guest.address-timeout': {
    message: 'The guest asked for no address within {seconds} s.',
    hint: 'Open the console to see where it is.',
    exitCode: failed,
  },
  'guest.ssh-timeout': {
    message: "The guest's SSH did not answer within {seconds} s.",
    hint: 'Open the console to see where it is.',
    exitCode: failed,
  },
  'guest.ssh-failed': {
    message: 'SSH to the guest failed: {reason}',
    hint: "Open the console; the guest's own SSH settings may have changed.",
    exitCode: failed,
  },
  'guest.host-key-mismatch': {
    message: "The guest at {address} shows a host key that is not the instance's.",
    hint: "If you replaced the key yourself, put the instance's key back; otherwise do not trust that address.",
    exitCode: refused,
  },
  'guest.cloud-init-failed': {
    message: 'cloud-init reported: {reason}',
    hint: 'The instance runs; look at /var/log/cloud-init-output.log in it.',
    exitCode: failed,
  },
  'guest.command-too-long': {
    message: 'The command is {bytes} bytes long; {limit} is the most that can be run in the instance.',
    hint: 'Pass the words on stdin (xargs), or copy a script with berth transfer.',
    exitCode: usage,
  },
  'guest.no-sftp': {
    message: 'The guest serves no files: {reason}',
    hint: 'Install an SFTP server in the guest (Debian: openssh-sftp-server) and name it as a Subsystem in its sshd_config.',
    exitCode: failed,
  },
  'guest.no-folder': {
    message: '{path} cannot be shown: {reason}',
    hint: 'Name another folder of the guest.',
    exitCode: failed,
  },
  'guest.stop-timeout': {
    message: 'The guest did not shut down within {seconds} s.',
    hint: 'Wait longer, or stop it with force.',
    exitCode: failed,
  },
  'mount.source-denied': {
    message: 'User {uid} cannot share {path}: {reason}',
    hint: 'Name a folder that is there and that you can open yourself.',
    exitCode: refused,
  },
  'mount.source-changed': {
    message: '{path} is not the folder that was shared.',
    hint: 'It was replaced or is reached by a link now. Unmount it, and mount the folder anew if that was meant.',
    exitCode: refused,
  },
  'mount.target-refused': {
    message: 'Nothing can be mounted on {target}: {reason}',
    hint: 'Choose another folder of the guest, such as one below its home.',
    exitCode: refused,
  },
  'mount.map-refused': {
    message: 'The {kind} {id} cannot be mapped: {reason}.',
    hint: 'Say each {kind} once, as HOST:GUEST, with numbers that the guest has (id, in berth shell). To change the map, unmount the folder and mount it anew.',
    exitCode: usage,
  },
  'mount.exists': {
    message: 'A folder is mounted on {target} of {name} already: {source}',
    hint: 'Unmount it first, or choose another target.',
    exitCode: refused,
  },
  'mount.not-found': {
    message: 'Nothing is mounted on {target} of {name}.',
    hint: 'berth info shows the mounts of an instance.',
    exitCode: notFound,
  },
  'mount.no-sshfs': {
    message: 'The guest has no sshfs.',
    hint: 'Install it in the guest, with: sudo apt install sshfs. The mount comes back by itself.',
    exitCode: failed,
  },
  'mount.no-virtiofs': {
    message: 'virtiofs cannot be used for this folder: {reason}',
    hint: 'Mount it with --type auto or sshfs.',
    exitCode: failed,
  },
  'mount.no-9p': {
    message: '9p cannot be used for this folder: {reason}',
    hint: 'Mount it with --type auto or sshfs.',
    exitCode: failed,
  },
  'mount.no-port': {
    message: 'The folder goes over SSH, not over a port of the machine: {reason}',
    hint: 'It serves all the same, slower.',
    exitCode: failed,
  },
  'mount.type-refused': {
    message: 'This folder is not shared by {type}: {reason}',
    hint: 'Mount it with --type auto or sshfs.',
    exitCode: refused,
  },
  'mount.not-watched': {
    message: 'Changes of the folder are not told to the guest: {reason}',
    hint: 'The folder itself serves as ever. Mount a smaller one where programs of the guest must notice changes.',
    exitCode: failed,
  },
  'mount.failed': {
    message: 'The guest could not mount the folder: {reason}',
    hint: "The reason is the guest's own. It is tried again by itself.",
    exitCode: failed,
  },
  'mount.server-ended': {
    message: 'The share server ended: {reason}',
    hint: 'It is started again by itself.',
    exitCode: failed,
  },
  'mount.lost': {
    message: 'The connection to the guest was lost.',
    hint: 'It is tried again by itself.',
    exitCode: failed,
  },
  'cloudinit.invalid': {
    message: 'The cloud-init document is not usable: {reason}',
    hint: 'Correct it; nothing was launched.',
    exitCode: usage,
  },
  'operation.not-found': {
    message: 'There is no operation {id}.',
    hint: 'It may have ended long ago.',
    exitCode: notFound,
  },
  'operation.cancelled': {
    message: 'The operation was cancelled.',
    hint: 'Nothing is left of it.',
    exitCode: cancelled,
  },
  'operation.cancelled-late': {
    message: 'The launch was cancelled when {name} had answered already: the instance stays.',
    hint: 'Look into it with berth shell {name}, or remove it with berth delete --purge {name}.',
    exitCode: cancelled,
  },
  'operation.conflict': {
    message: 'Instance {name} is busy: {kind}.',
    hint: 'Wait for it, or cancel it.',
    exitCode: refused,
  },
  'operation.past-return': {
    message: 'The operation has passed the point where it could be cancelled.',
    hint: 'It ends by itself soon.',
    exitCode: refused,
  },
  'operation.interrupted': {
    message: 'The helper ended while this was under way.',
    hint: 'What it had begun was undone; try again.',
    exitCode: failed,
  },
  'window.not-allowed': {
    message: 'This was not done, because it was not allowed: {question}',
    hint: 'Try again and agree when Berth asks.',
    exitCode: refused,
  },
  'stream.unknown': {
    message: 'That stream cannot be opened.',
    hint: 'A token works once, within ten seconds, for the user who asked.',
    exitCode: failed,
  },
  'process.failed': {
    message: '{program} failed ({status}): {reason}',
    hint: "The reason is the program's own.",
    exitCode: failed,
  },
  'internal.bug': {
    message: 'Something went wrong inside Berth: {reason}',
    hint: "Please report it with the helper's log.",
    exitCode: failed,
  },
} as const satisfies Readonly<Record<string, ErrorTemplate>>;
