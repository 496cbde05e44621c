// SPDX-License-Identifier: MIT
import { cancelled, failed, notFound, refused, unreachable, usage } from '../exit-codes.ts';

/**
 * A row of the table of errors: what it says, the way out, and the command line's exit code, which other languages
 * leave out. Codes are stable: a released code is never renamed and never given another meaning.
 */
export interface ErrorRow {
  readonly message: string;
  readonly hint: string;
  readonly exitCode: number;
}

/** The codes that every client of this protocol knows. */
export const firstErrors = {
  'request.invalid': {
    message: 'The request is not valid: {reason}',
    hint: 'Correct it and try again.',
    exitCode: usage,
  },
  'request.unsupported': {
    message: 'The helper does not support {method}.',
    hint: 'The window, the command line and the helper must be the same version. Update the older one.',
    exitCode: usage,
  },
  'request.too-large': {
    message: 'A message of {bytes} bytes exceeds the limit of {limit} bytes.',
    hint: 'Send less in one request.',
    exitCode: usage,
  },
  'request.cancelled': {
    message: 'The request was cancelled.',
    hint: 'Try again if you still need it.',
    exitCode: cancelled,
  },
  'auth.denied': {
    message: 'User {uid} is not allowed to {action}.',
    hint: 'Ask the owner or an administrator.',
    exitCode: refused,
  },
  'helper.unreachable': {
    message: 'The helper does not respond at {path}: {reason}',
    hint: 'Start it (systemctl start berth-helper) and check that you are a member of its group.',
    exitCode: unreachable,
  },
  'helper.version-mismatch': {
    message: 'The helper uses protocol {helper}, this program uses {client}.',
    hint: 'Update the older of the two.',
    exitCode: unreachable,
  },
  'helper.busy': {
    message: 'This connection already has {limit} requests in progress.',
    hint: 'Wait for answers before sending more.',
    exitCode: unreachable,
  },
  'quota.exceeded': {
    message: 'User {uid} can have at most {limit} {what}.',
    hint: "Remove some, or ask an administrator to raise {setting} in the helper's quotas.conf.",
    exitCode: refused,
  },
  'helper.already-running': {
    message: 'Another helper is already using {path}.',
    hint: 'Stop it first, or choose another run directory.',
    exitCode: refused,
  },
  'instance.not-found': {
    message: 'There is no instance named {name}.',
    hint: 'List instances with berth list.',
    exitCode: notFound,
  },
  'instance.exists': {
    message: 'An instance named {name} already exists{where}.',
    hint: 'Choose another name, or recover or purge the existing instance.',
    exitCode: refused,
  },
  'instance.wrong-state': {
    message: '{name} is {state}, so it cannot {command}.',
    hint: 'If it is stopped or suspended: berth start {name}. If it is deleted: berth recover {name}. Delete it first to purge it, or wait until the current change is finished.',
    exitCode: refused,
  },
  'instance.broken': {
    message: 'The record of {name} cannot be read. {reason}',
    hint: 'Nothing was deleted. {wayOut}',
    exitCode: failed,
  },
  'image.not-found': {
    message: 'There is no image named {image}.',
    hint: 'List available images with berth find.',
    exitCode: notFound,
  },
  'image.in-use': {
    message: 'Image {image} is used by {users}.',
    hint: 'Purge those instances first.',
    exitCode: refused,
  },
  'image.unsupported-format': {
    message: 'The image {path} cannot be used: {reason}',
    hint: 'Convert it to a stand-alone qcow2 or raw file first.',
    exitCode: refused,
  },
  'image.conversion-failed': {
    message: 'qemu-img could not convert {path}: {reason}',
    hint: 'Check the file and the free disk space.',
    exitCode: failed,
  },
  'image.checksum-mismatch': {
    message: 'The image {path} has the digest {actual}, not {expected}.',
    hint: 'The file has changed or is damaged. Download it again.',
    exitCode: failed,
  },
  'image.source-denied': {
    message: 'User {uid} cannot read {path}: {reason}',
    hint: 'Check the path and your read access to the file, or choose another file.',
    exitCode: refused,
  },
  'image.alias-reserved': {
    message: 'Your image cannot be named {alias}: {reason}',
    hint: 'Choose another alias, such as my-{alias}.',
    exitCode: refused,
  },
  'image.base-changed': {
    message: 'The image of {name} is not the one its disk was created from: {reason}',
    hint: 'The disk cannot be read without that image. Import the same image again, or restore the vault from a backup.',
    exitCode: refused,
  },
  'image.ambiguous': {
    message: '{image} matches {count} images.',
    hint: 'Give more digits, or the full name that berth find shows.',
    exitCode: notFound,
  },
  'image.unsupported-release': {
    message: '{image} is no longer supported by its publisher.',
    hint: 'To launch it anyway, use its full name (remote:alias).',
    exitCode: refused,
  },
  'image.damaged': {
    message: 'The image {image} is damaged: its digest is {actual}.',
    hint: 'Remove it and download, build or import it again. Instances that use it may be damaged too.',
    exitCode: failed,
  },
  'image.remote-unreachable': {
    message: 'Could not reach the image source {remote}: {reason}',
    hint: 'Check the network and the proxy. Its images from the last check can still be used.',
    exitCode: failed,
  },
  'image.remote-not-found': {
    message: 'There is no image source named {remote}.',
    hint: 'List image sources with berth images remotes.',
    exitCode: notFound,
  },
  'image.catalogue-invalid': {
    message: 'The image list of {remote} cannot be used: {reason}',
    hint: 'Try again later. If it keeps failing, tell the publisher.',
    exitCode: failed,
  },
  'image.signature-invalid': {
    message: 'The image list of {remote} does not have a valid signature: {reason}',
    hint: 'Do not use it. The mirror may be missing the signature, or the list may have been tampered with.',
    exitCode: refused,
  },
  'image.download-failed': {
    message: 'Could not download {url}: {reason}',
    hint: 'Check the network and the proxy, and try again. The download resumes where possible.',
    exitCode: failed,
  },
  'image.download-refused': {
    message: 'The download of {url} was refused: {reason}',
    hint: 'The server asks for something that is not safe. Use another mirror.',
    exitCode: refused,
  },
  'image.disk-too-small': {
    message: 'A disk of {asked} is too small for {image}, which needs {least}.',
    hint: 'Ask for {least} or more.',
    exitCode: usage,
  },
  'image.build-failed': {
    message: 'Could not build the image {image}: {reason}',
    hint: 'See the build log for the step that failed. Check the package mirror and the free disk space.',
    exitCode: failed,
  },
  'storage.disk-full': {
    message: 'Not enough space in {path}: {needed} needed, {free} free.',
    hint: 'Free some disk space, or purge deleted instances.',
    exitCode: failed,
  },
  'storage.failed': {
    message: 'Cannot {action} {path}: {reason}',
    hint: 'Check the disk and the permissions of this path.',
    exitCode: failed,
  },
  'store.conflict': {
    message: 'The record of {name} was changed at the same time.',
    hint: 'Try again.',
    exitCode: failed,
  },
  'network.bridge-conflict': {
    message: 'The network device {bridge} already exists and was not created by this helper.',
    hint: 'It may belong to another helper or another program: see ip -d link. Start this helper with --bridge NAME, or remove the device if nobody uses it.',
    exitCode: refused,
  },
  'network.subnet-exhausted': {
    message: 'No free private subnet was found.',
    hint: 'Free a range in 10.0.0.0/8, or choose one yourself.',
    exitCode: failed,
  },
  'network.dnsmasq-failed': {
    message: 'dnsmasq is not running: {reason}',
    hint: 'Another DNS or DHCP server may be using its port on the bridge.',
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
    message: 'The isolation layer {layer} is not available: {reason}',
    hint: 'Install what is missing, or allow the instance to run without it.',
    exitCode: refused,
  },
  'confinement.consent-required': {
    message: '{name} would run without AppArmor: {reason}.',
    hint: 'Boot a kernel with AppArmor, or allow it for this instance: in the window, or with --without-apparmor on launch or start. The choice is remembered.',
    exitCode: refused,
  },
  'confinement.root-only': {
    message: 'Only root can grant {what} to {name}: {reason}.',
    hint: 'Ask the administrator, who can set it (sudo) or let users with users_may in security.conf. To start without: berth enforce {name}, or berth security {name} --clear qemu-arg --clear qemu-env.',
    exitCode: refused,
  },
  'confinement.administrator-file': {
    message: '{path} cannot be trusted: {reason}',
    hint: 'Correct it. The file and its directory must belong to root and be writable only by root. No instance starts until then.',
    exitCode: refused,
  },
  'confinement.profile-rejected': {
    message: 'The AppArmor profile {profile} was rejected: {reason}',
    hint: "Check the additions in the administrator's templates.",
    exitCode: failed,
  },
  'denial.not-found': {
    message: 'There is no denial {id} for {name}.',
    hint: 'List them with berth denials {name}.',
    exitCode: notFound,
  },
  'grant.denied': {
    message: 'User {uid} cannot grant {path} to an instance: {reason}',
    hint: 'You can grant only files that you can access yourself. Only root can grant devices.',
    exitCode: refused,
  },
  'grant.source-changed': {
    message: '{path} is no longer the file that was granted to {name}: {reason}',
    hint: 'Grant it again, or revoke it.',
    exitCode: refused,
  },
  'grant.not-found': {
    message: '{path} is not granted to {name}.',
    hint: 'Run berth security {name} to see what is granted.',
    exitCode: notFound,
  },
  'grant.in-use': {
    message: '{path} is in use by {name}.',
    hint: 'Stop the instance first.',
    exitCode: refused,
  },
  'hardware.unavailable': {
    message: '{what} cannot be granted to an instance: {reason}.',
    hint: 'Set it up on this computer, or revoke it.',
    exitCode: refused,
  },
  'denial.not-allowed': {
    message: '{name} cannot be given that access to {subject}: {reason}',
    hint: 'List what can be allowed with berth denials {name}.',
    exitCode: refused,
  },
  'hypervisor.missing': {
    message: '{program} is not installed.',
    hint: 'Install the package {package}.',
    exitCode: failed,
  },
  'hypervisor.start-failed': {
    message: 'QEMU did not start: {reason}',
    hint: "The instance's log has all messages of QEMU.",
    exitCode: failed,
  },
  'hypervisor.crashed': {
    message: 'QEMU ended unexpectedly while {activity}: {reason}',
    hint: "See the console and the instance's log.",
    exitCode: failed,
  },
  'hypervisor.control-timeout': {
    message: 'QEMU did not respond to {command} within {seconds} s.',
    hint: 'The instance may be overloaded. Try again, or stop it with --force.',
    exitCode: failed,
  },
  'hypervisor.control-failed': {
    message: 'QEMU refused {command}: {reason}',
    hint: "This is QEMU's own message.",
    exitCode: failed,
  },
  'guest.kernel-panic': {
    message: "The guest's kernel crashed: {reason}",
    hint: 'See the console. The image or its disk may be damaged.',
    exitCode: failed,
  },
  'guest.address-timeout': {
    message: 'The guest did not request an address within {seconds} s.',
    hint: 'Open the console to see how far it got.',
    exitCode: failed,
  },
  'guest.ssh-timeout': {
    message: "The guest's SSH server did not respond within {seconds} s.",
    hint: 'Open the console to see how far it got.',
    exitCode: failed,
  },
  'guest.ssh-failed': {
    message: 'SSH to the guest failed: {reason}',
    hint: "Open the console. The guest's SSH settings may have changed.",
    exitCode: failed,
  },
  'guest.host-key-mismatch': {
    message: 'The guest at {address} has a host key that does not belong to this instance.',
    hint: 'If you replaced the key yourself, restore the original. Otherwise do not trust this address.',
    exitCode: refused,
  },
  'guest.cloud-init-failed': {
    message: 'cloud-init reported a problem: {reason}',
    hint: 'The instance is running. See /var/log/cloud-init-output.log in it.',
    exitCode: failed,
  },
  'guest.command-too-long': {
    message: 'The command is {bytes} bytes long. The limit is {limit} bytes.',
    hint: 'Pass the arguments on stdin (xargs), or copy a script with berth transfer.',
    exitCode: usage,
  },
  'guest.no-sftp': {
    message: 'The guest does not offer file access: {reason}',
    hint: 'Install an SFTP server in the guest (Debian: openssh-sftp-server) and set it as a Subsystem in its sshd_config.',
    exitCode: failed,
  },
  'guest.no-folder': {
    message: 'Could not open {path}: {reason}',
    hint: 'Choose another folder of the guest.',
    exitCode: failed,
  },
  'guest.stop-timeout': {
    message: 'The guest did not shut down within {seconds} s.',
    hint: 'Wait longer, or stop it with --force.',
    exitCode: failed,
  },
  'mount.source-denied': {
    message: 'User {uid} cannot share {path}: {reason}',
    hint: 'Choose an existing folder that you can open yourself.',
    exitCode: refused,
  },
  'mount.source-changed': {
    message: '{path} is not the folder that was shared.',
    hint: 'It was replaced, or is now reached through a link. If that was intended, unmount it and mount it again.',
    exitCode: refused,
  },
  'mount.target-refused': {
    message: 'Cannot mount a folder on {target}: {reason}',
    hint: 'Choose another folder of the guest, such as one below its home.',
    exitCode: refused,
  },
  'mount.map-refused': {
    message: 'The {kind} {id} cannot be mapped: {reason}.',
    hint: 'Give each {kind} once, as HOST:GUEST, with IDs that exist in the guest (run id in berth shell). To change the mapping, unmount the folder and mount it again.',
    exitCode: usage,
  },
  'mount.exists': {
    message: 'A folder is already mounted on {target} of {name}: {source}',
    hint: 'Unmount it first, or choose another target.',
    exitCode: refused,
  },
  'mount.not-found': {
    message: 'Nothing is mounted on {target} of {name}.',
    hint: 'Run berth info to see the mounts of an instance.',
    exitCode: notFound,
  },
  'mount.no-sshfs': {
    message: 'sshfs is not installed in the guest.',
    hint: 'Install it in the guest: sudo apt install sshfs. The folder is then mounted automatically.',
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
    message: 'The folder is shared over SSH instead of a direct connection: {reason}',
    hint: 'The share still works, but more slowly.',
    exitCode: failed,
  },
  'mount.type-refused': {
    message: 'This folder cannot be shared with {type}: {reason}',
    hint: 'Mount it with --type auto or sshfs.',
    exitCode: refused,
  },
  'mount.not-watched': {
    message: 'File change events are not sent to the guest: {reason}',
    hint: 'The folder itself works as usual. Share a smaller folder if programs in the guest must notice changes.',
    exitCode: failed,
  },
  'mount.failed': {
    message: 'The guest could not mount the folder: {reason}',
    hint: "This is the guest's own message. Berth tries again automatically.",
    exitCode: failed,
  },
  'mount.server-ended': {
    message: 'The share server ended: {reason}',
    hint: 'It is restarted automatically.',
    exitCode: failed,
  },
  'mount.lost': {
    message: 'The connection to the guest was lost.',
    hint: 'Berth reconnects automatically.',
    exitCode: failed,
  },
  'cloudinit.invalid': {
    message: 'The cloud-init document cannot be used: {reason}',
    hint: 'Correct it and try again. Nothing was launched.',
    exitCode: usage,
  },
  'operation.not-found': {
    message: 'There is no operation {id}.',
    hint: 'It may have finished long ago.',
    exitCode: notFound,
  },
  'operation.cancelled': {
    message: 'The operation was cancelled.',
    hint: 'What it had begun was undone.',
    exitCode: cancelled,
  },
  'operation.cancelled-late': {
    message: 'The launch was cancelled after {name} was already reachable, so the instance was kept.',
    hint: 'Use it with berth shell {name}, or remove it with berth delete --purge {name}.',
    exitCode: cancelled,
  },
  'operation.conflict': {
    message: '{name} is busy: {kind}.',
    hint: 'Wait until it is finished, or cancel it.',
    exitCode: refused,
  },
  'operation.past-return': {
    message: 'The operation can no longer be cancelled.',
    hint: 'It will finish soon.',
    exitCode: refused,
  },
  'operation.interrupted': {
    message: 'The helper stopped during this operation.',
    hint: 'Incomplete changes were undone. Try again.',
    exitCode: failed,
  },
  'window.not-allowed': {
    message: 'Not done, because it was not allowed: {question}',
    hint: 'Try again and confirm when Berth asks.',
    exitCode: refused,
  },
  'stream.unknown': {
    message: 'The stream cannot be opened.',
    hint: 'A token can be used once, within ten seconds, by the user who requested it.',
    exitCode: failed,
  },
  'process.failed': {
    message: '{program} failed ({status}): {reason}',
    hint: "This is the program's own message.",
    exitCode: failed,
  },
  'internal.bug': {
    message: 'Something went wrong inside Berth: {reason}',
    hint: "Please report it with the helper's log.",
    exitCode: failed,
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
