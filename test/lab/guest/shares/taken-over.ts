// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProfileText } from '../../../../native-helper/confinement/profile.ts';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import type { Credentials } from '../../../../native-helper/core/seams/processes.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { jailCommand } from '../../../../native-helper/shares/jail.ts';
import type { Files } from '../../../../native-helper/store/files.ts';
import type { MountRecord } from '../../../../native-helper/store/instance-record.ts';
import { assetsDirectory } from '../../../integration/hypervisor/fixture.ts';

/** A kind of server of shared folders, as the product starts it. */
export interface ServerKind {
  readonly program: string;
  readonly profile: ProfileText;
  /** Who the folder's user is inside, where it has a user namespace. */
  readonly insideAs?: Credentials;
  readonly isPowerless?: boolean;
}

/** In each jail, and a program too: it prints what it is. */
const library = '/lib/x86_64-linux-gnu/libc.so.6';

/** What somebody who took a server over may try, by his own program's system calls (asm/unistd_64.h). */
const attempts = String.raw`
$| = 1;
my ($library, $other, $empty, $x, $version, $share, $type) = (@ARGV, "", "x", "--version", "/share", "tmpfs");
sub note { my ($what, $isDone) = @_; print "$what: ", ($isDone ? "done" : "refused, $!"), "\n" }
sub aside { my ($what, $try) = @_; my $pid = fork; if ($pid == 0) { open STDOUT, ">&", STDERR; $try->(); exit $! } waitpid $pid, 0; $! = $? >> 8; note($what, $? == 0) }
note("a file of the folder", open(my $own, ">", "/share/taken"));
note("the root of the jail", opendir(my $root, "/"));
note("an internet socket", syscall(41, 2, 1, 0) >= 0);
note("a netlink socket", syscall(41, 16, 3, 0) >= 0);
aside("another program", sub { exec { $library } $library });
aside("a program from memory", sub {
  my $memory = syscall(319, $x, 0);
  open(my $program, "<", $other); binmode $program; local $/; my $bytes = <$program>; syscall(1, $memory, $bytes, length $bytes);
  my $arguments = pack("p2 Q", $x, $version, 0); my $environment = pack("Q", 0);
  syscall(322, $memory, $empty, $arguments, $environment, 0x1000);
});
aside("a mount of its own", sub { syscall(272, 0x10020000); exit 0 if syscall(165, $x, $share, $type, 0, 0) == 0 });
`;

/**
 * A program of ours at a server's place, in the product's jail: what each of its attempts came to. With `isProfiled`
 * false the jail stands alone, which shows what AppArmor adds.
 */
export async function takeOver(
  { program, profile, insideAs, isPowerless = false }: ServerKind,
  { mount, files, isProfiled }: { readonly mount: MountRecord; readonly files: Files; readonly isProfiled: boolean },
): Promise<Readonly<Record<string, string>>> {
  const execute = promisify(execFile);
  const appArmor = new AppArmor(new LocalProcessRunner(), files.profiles);
  const signal = AbortSignal.timeout(600_000);
  await appArmor.prepare(profile, signal);
  await execute('mount', ['--bind', '/usr/bin/perl', program]);
  try {
    const command = await jailCommand(
      {
        mount,
        profile: isProfiled ? profile.name : undefined,
        program,
        args: ['-e', attempts, library, '/usr/bin/setpriv'],
        ...(insideAs === undefined ? {} : { insideAs, isPowerless }),
      },
      { files, assetsDirectory },
    );
    const { stdout } = await execute(command.program, [...command.args]).catch(
      (error: { stdout: string; stderr: string }) => ({ stdout: `${error.stdout}\n${error.stderr}` }),
    );
    return Object.fromEntries(
      [...stdout.matchAll(/^([^:\n]+): (.*)$/gm)].map(([, what = '', outcome = '']) => [what, outcome]),
    );
  } finally {
    await execute('umount', [program]);
    await appArmor.remove(profile.name, signal);
  }
}
