// SPDX-License-Identifier: MIT

export const instances = {
  'instance.while-it-ran': 'the instance ran',
  'instance.while-it-booted': 'the guest booted',
  'instance.not-a-file': 'it is not a file',
  'instance.leads-elsewhere': 'it leads to {path} now',
  'instance.another-file': 'another file',
  'instance.decisions-too-long': 'mounts, grants and arguments of one instance would take {bytes} bytes; {most} may be',
  'instance.be-reached': 'be reached',
  'instance.no-address-yet': 'the guest has asked for no address yet',
  'instance.ended-by-signal': 'ended by {signal}',
  'instance.machine-gone': 'it is gone; no helper was there to learn why',
  'instance.exit-code': 'exit code {exitCode}',
  'action.give-hardware': 'give hardware of this computer to a machine; root may',
  'instance.disk-named-twice': 'blockDevices: {path} is named twice',
  'instance.user-data-twice': 'userData: there is userDataBase64 too',
  'instance.be-removed': 'be removed',
  'instance.take-folders': 'take folders',
  'instance.deleted-but-recoverable': ', deleted but recoverable',
  'instance.broken-record': ', with a broken record',
  'action.loosen-confinement': 'loosen the confinement of {name}, whose machine runs as root',
  'action.purge-unknown-owner': 'purge {name}, whose record does not tell whose it is',
  'action.on-anothers':
    "{action, select, mountFolders {mount folders in {name}} unmountFolders {unmount folders of {name}} seeMounts {see the mounts of {name}} openShell {open a shell in {name}} runCommand {run a command in {name}} copyFiles {copy files of {name}} lookInto {look into {name}} seeDenials {see the denials of {name}} decideDenials {decide on the denials of {name}} readConsole {read the console of {name}} useConsole {use the console of {name}} changeConfinement {change the confinement of {name}} changeSettings {change the settings of {name}} other {{action} {name}}}, which is another user's",
} as const;
