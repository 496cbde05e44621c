// SPDX-License-Identifier: MIT

/** Commands inside an instance: shell, exec, console. */
export const guest = {
  'cli.shell.description': 'open a shell in an instance',
  'cli.shell.lost': 'The connection to the instance was lost before the shell ended.',
  'cli.shell.shut-down': 'The instance was shut down before the shell ended.',
  'cli.exec.description': 'run a command in an instance',
  'cli.exec.argument-command': 'after --',
  'cli.exec.after-error': '(put -- before the command: berth exec NAME -- COMMAND; see berth help exec)',
  'cli.exec.option-workdir': 'working directory in the guest',
  'cli.exec.option-tty': 'allocate a terminal; the default if stdin and stdout are one',
  'cli.exec.option-no-tty': 'do not allocate a terminal',
  'cli.exec.option-no-stdin': 'do not read stdin',
  'cli.exec.options-taken': 'Put -- before the command: its options were taken for those of berth exec.',
  'cli.exec.lost': 'The connection to the instance was lost before the command ended.',
  'cli.exec.shut-down': 'The instance was shut down before the command ended.',
  'cli.console.description': 'show the serial console with its history; Ctrl-] to leave',
  'cli.console.option-boot': 'an earlier boot',
  'cli.console.option-no-input': 'read-only',
  'cli.console.option-no-follow': 'print the record and exit',
  'cli.console.begin': '[console of {name}, boot {boot}; Ctrl-] leaves]',
  'cli.console.begin-read-only': '[console of {name}, boot {boot}, read only]',
  'cli.console.begin-watching': '[console of {name}, boot {boot}, read only; Ctrl-C leaves]',
  'cli.console.ended': '[the console has ended]',
  'cli.console.left': '[left the console]',
} as const satisfies Readonly<Record<string, string>>;
