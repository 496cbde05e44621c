// SPDX-License-Identifier: MIT

/** What Multipass has and Berth has not: what is said to who types it, and with `-instead` what to use. */
export const multipass = {
  'cli.multipass.network': 'Berth does not support choosing a network yet. All instances share one network.',
  'cli.multipass.network-instead': 'Use berth info NAME to see addresses, and berth doctor to check the network.',
  'cli.multipass.alias': 'Berth does not support command aliases yet.',
  'cli.multipass.alias-instead': "Use an alias of your shell: alias NAME='berth exec INSTANCE -- COMMAND'",
  'cli.multipass.snapshot': 'Berth does not support snapshots yet.',
  'cli.multipass.snapshot-instead': 'Copy files you want to keep with berth transfer -r NAME:PATH FOLDER.',
  'cli.multipass.clone': 'Berth does not support clone yet.',
  'cli.multipass.clone-instead':
    'Launch another instance of the same image, and copy files with berth transfer -r FROM:PATH TO:PATH.',
  'cli.multipass.authenticate': 'Berth does not need a passphrase.',
  'cli.multipass.authenticate-instead': 'All members of the group berth can use it.',
  'cli.multipass.wait-ready': 'Berth does not support wait-ready yet.',
  'cli.multipass.wait-ready-instead': 'Use berth doctor. Its exit code is 3 while the helper cannot be reached.',
  'cli.multipass.launch-mount': 'berth launch does not support --mount yet.',
  'cli.multipass.launch-mount-instead': 'Launch the instance first, then run berth mount FOLDER NAME[:TARGET].',
  'cli.multipass.stop-time': 'berth stop does not support --time yet.',
  'cli.multipass.stop-time-instead': 'Use --timeout SECONDS to set how long the guest may take.',
  'cli.multipass.stop-cancel': 'berth stop does not support --cancel yet.',
  'cli.multipass.stop-cancel-instead': 'Use berth cancel ID to cancel a stop in progress.',
  'cli.multipass.exec-working-directory': 'berth exec does not support --working-directory.',
  'cli.multipass.exec-working-directory-instead': 'Use -w DIRECTORY or --workdir.',
  'cli.multipass.find-show-unsupported': 'berth find does not support --show-unsupported.',
  'cli.multipass.find-show-unsupported-instead': 'Use --all.',
  'cli.multipass.find-force-update': 'berth find does not support --force-update.',
  'cli.multipass.find-force-update-instead': 'Use --refresh.',
  'cli.multipass.transfer-parents': 'berth transfer does not support --parents yet.',
  'cli.multipass.transfer-parents-instead': 'Create the folder first: berth exec NAME -- mkdir -p FOLDER',
} as const satisfies Readonly<Record<string, string>>;
