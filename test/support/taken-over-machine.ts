// SPDX-License-Identifier: MIT
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const qemu = '/usr/bin/qemu-system-x86_64';

/**
 * Puts a program in QEMU's place that is under an attacker's control, for a helper in a mount namespace of its own; the
 * real QEMU answers what is asked without a guest. Returns the command that becomes the helper. What the program does
 * is named by its instance: `linker`, `accomplice`, `liar` or `hoarder`. It reports on the console.
 *
 * @param victim a socket of root's that root alone may connect to
 */
export async function inPlaceOfQemu(directory: string, victim: string): Promise<readonly string[]> {
  const [real, program] = [path.join(directory, 'qemu'), path.join(directory, 'taken-over')];
  await copyFile(qemu, real);
  await writeFile(program, source(real, victim));
  for (const file of [real, program]) await chmod(file, 0o755);
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    '--',
    'sh',
    '-c',
    'mount --bind "$1" "$2" && shift 2 && exec "$@"',
    'sh',
    program,
    qemu,
  ];
}

/** Perl, which every Debian has: a machine sees the host's /usr. */
function source(real: string, victim: string): string {
  return String.raw`#!/usr/bin/perl
use strict; use Socket; use POSIX ();
exec { '${real}' } $0, @ARGV unless grep { $_ eq '-mon' } @ARGV;
$SIG{PIPE} = 'IGNORE';
my $line = join "\n", @ARGV;
my ($name) = $line =~ /^guest=([a-z]+)/m;
# As startHelper lays them out.
my ($base) = $line =~ m{"(/[^"]+)/state/instances/};
my ($victim, $run, $state) = ('${victim}', "$base/run", "$base/state");
sub opened { my ($fd, $mode) = @_; open my $handle, $mode, $fd or die "$fd: $!"; return $handle }
# The sockets as QEMU has them: given, or made where the command line says.
my %paths;
sub door {
  my ($id) = @_;
  my ($how, $what) = $line =~ /^socket,id=$id,(fd|path)=([^,\n]+)/m or die "no $id";
  my $door;
  if ($how eq 'fd') { $door = opened($what, '+<&=') }
  else { $paths{$id} = $what; socket $door, PF_UNIX, SOCK_STREAM, 0; bind $door, sockaddr_un($what) or die "$what: $!" }
  listen $door, 5 or die "listen: $!";
  return $door;
}
my $console = $line =~ /^fd=(\d+),set=1/m ? opened($1, '>>&=') : opened($line =~ /logfile=([^,\n]+)/, '>>');
sub say { syswrite $console, "$_[0]\n" }
sub try { my ($what, $done) = @_; say("$what: " . ($done ? 'done' : 'refused')) }
my ($qmp, $serial) = (door('qmp0'), door('serial0'));

sub link_everything {
  $paths{$_} //= (glob "$run/machines/*/$_.sock")[0] // "$run/machines/x/$_.sock" for 'qmp', 'serial';
  my ($log, $record) = ("$state/instances/$name/qemu.log", "$state/instances/$name/console/boot-0001.log");
  for my $path ($paths{serial0} // $paths{serial}, (glob "$run/machines/*/process.json")[0] // "$run/machines/x/process.json", $log, $record, "$state/instances/$name/seed.iso") {
    unlink $path;
    my ($what) = $path =~ m{([^/]+)$};
    try("a link at $what", symlink $victim, $path);
    try("a pipe at $what", POSIX::mkfifo("$path", 0666));
  }
  try('a rename of its directory', rename "$state/instances/$name", "$state/instances/other");
  try('a set-uid record', chmod 06755, $console);
  try('a signal to the helper', kill 'KILL', getppid);
}
# A process of its own that listens in its place: the kernel names whoever did so last.
sub hand_on {
  my $parent = $$;
  return if fork;
  listen $serial, 5;
  say('the accomplice listens');
  while (getppid == $parent) {
    my $bits = ''; vec($bits, fileno $serial, 1) = 1;
    next unless select $bits, undef, undef, 0.2;
    accept my $client, $serial; sysread $client, my $typed, 100; say("the accomplice got $typed") if defined $typed && length $typed;
  }
  POSIX::_exit(0);
}
# Descriptors beside a byte (SCM_RIGHTS; sendmsg is 46 on x86-64, the layouts are those of unix(7) and cmsg(3)).
sub pass_descriptors {
  my ($to, $count) = @_;
  my $byte = "\n";
  my $vector = pack 'PQ', $byte, 1;
  my $rights = pack 'Qlllx4', 20, 1, 1, fileno $qmp;
  my $message = pack 'QlxxxxPQPQlxxxx', 0, 0, $vector, 1, $rights, 24, 0;
  my $sent = grep { syscall(46, fileno $to, $message, 0) == 1 } 1 .. $count;
  say("descriptors passed: $sent");
}
# Fills what it may write to, and makes it longer than it is.
sub hoard {
  my $piece = 'x' x 65_535 . "\n";
  my $long = truncate $console, 2**40;
  for (1 .. 500) { syswrite STDERR, $piece }
  fcntl $console, 4, 0; # F_SETFL: without O_APPEND it writes where it likes
  truncate $console, 2**33;
  for my $part (1 .. 1_600) { sysseek $console, $part * 2_000_000, 0; syswrite $console, $piece }
  sysseek $console, 0, 2;
  try('a record of a terabyte', $long); # at its end, which is what a client is shown first
}
sub lie {
  my ($client) = @_;
  my $time = '"timestamp": {"seconds": 9000000000000000, "microseconds": 0}';
  my @lies = (
    qq({"event": "STOP", $time}\n) x 200, qq({"event": "SHUTDOWN", "data": {"reason": ") . ('x' x 100_000) . qq("}, $time}\n),
    '{"return": ' . ('[' x 60_000) . "\n", '{"return": [' . ('{"name": 1},' x 9_000) . qq({}], "id": 3}\n), "x\n" x 20_000, "\n" x 20_000, 'y' x 1_000_000,
    qq({"QMP": {}}\n{"error": 3}\n{"return": {}, "id": 1}\n),
  );
  say('it lies');
  for (;;) { for my $lie (@lies) { syswrite $client, $lie } }
}
say('taken over');
my $client;
for (;;) {
  accept my $next, $qmp or next;
  $client = $next;
  syswrite $client, qq({"QMP": {"version": {"qemu": {"micro": 1, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}\n);
  my $hasGone = 0;
  while (defined(my $command = <$client>)) {
    my ($id) = $command =~ /"id":(\d+)/;
    syswrite $client, qq({"return": {}, "id": $id}\n);
    next unless $command =~ /"cont"/;
    link_everything() if $name eq 'linker';
    hand_on() if $name eq 'accomplice';
    pass_descriptors($client, 500) if $name eq 'liar';
    say('ready');
    hoard() if $name eq 'hoarder';
    lie($client) if $name eq 'liar';
    last;
  }
  last;
}
for (;;) {
  if ($name eq 'accomplice') { sleep 1; next }
  accept my $typist, $serial or next;
  while (sysread $typist, my $typed, 100) { say("typed: $typed") }
}
`;
}
