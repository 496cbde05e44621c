// SPDX-License-Identifier: MIT
import { termName } from '#contract/guest.ts';

/**
 * Puts the terminal on stdin into raw mode, if there is one: every key goes to the guest, Ctrl-C
 * included. Returns the way back; it also runs when the process ends by itself.
 */
export function enterRawMode(): () => void {
  if (!process.stdin.isTTY) return () => undefined;
  process.stdin.setRawMode(true);
  return untilLeft(() => process.stdin.setRawMode(false));
}

/**
 * For the time in which a guest writes on the terminal on stdout, or on stderr: returns the way to give the terminal
 * back as it was, whatever the guest's programs switched on; that also runs when the process ends by itself.
 */
export function lendTerminal(): () => void {
  const terminal = [process.stdout, process.stderr].find(({ isTTY }) => isTTY);
  if (terminal === undefined || process.env['TERM'] === 'dumb') return () => undefined;
  terminal.write(terminalSave);
  return untilLeft(() => void terminal.write(terminalReset));
}

/** No terminal takes longer to answer than this after its last answer. */
const quietMs = 50;
const longestMs = 500;

/**
 * Lets go what was typed, or answered to questions of the guest's, and was not read: the shell would take it for a
 * command. Nobody else may read stdin meanwhile.
 */
export async function discardInput(): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.stdin.readableEnded) return;
  const leaveRawMode = enterRawMode();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = setTimeout(() => resolve(), longestMs);
  const quiet = setTimeout(() => resolve(), quietMs);
  process.stdin
    .removeAllListeners('data')
    .on('data', () => quiet.refresh())
    .resume();
  await promise;
  clearTimeout(end);
  clearTimeout(quiet);
  process.stdin.removeAllListeners('data').pause();
  leaveRawMode();
}

/** The terminal's size; what most programs assume where there is none. */
export function terminalSize(): { readonly columns: number; readonly rows: number } {
  const within = (value: number | undefined, fallback: number): number =>
    Math.min(1000, Math.max(1, value || fallback));
  return { columns: within(process.stdout.columns, 80), rows: within(process.stdout.rows, 24) };
}

/** What the guest is told of this terminal. A name that no guest would know is left out. */
export function ownTerminal(): { readonly size: ReturnType<typeof terminalSize>; readonly term?: string } {
  const { data: term } = termName.safeParse(process.env['TERM']);
  return { size: terminalSize(), ...(term === undefined ? {} : { term }) };
}

/** Runs `giveBack` once, when the returned function is called or the process ends. */
function untilLeft(giveBack: () => void): () => void {
  let isLeft = false;
  const leave = (): void => {
    if (isLeft) return;
    isLeft = true;
    process.off('exit', leave);
    giveBack();
  };
  process.on('exit', leave);
  for (const [signal, number] of Object.entries(endingSignals)) {
    // Another listener decides what the signal means; in raw mode Ctrl-C is a key and sends none.
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(128 + number));
  }
  return leave;
}

const endingSignals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

const csi = '\u001b[';

/**
 * Modes that terminals begin with as they or their users like: kept by XTSAVE and brought back by XTRESTORE, where they
 * know it.
 */
const ownChoices = [67, 1007, 1036, 1039];

/** Written before a guest writes: xterm's stack of titles (CSI 22 t and 23 t), which others have too or pass over. */
const terminalSave = `${modes('s', ...ownChoices)}${csi}22;0t`;

/**
 * Everything that a program can switch on in a terminal and that outlives it, switched off one by one: a soft reset
 * (DECSTR) is not known everywhere, and a full one (RIS) would clear the screen, as would setting the columns (DECCOLM,
 * ?3): 132 of them stay. Sources: xterm's ctlseqs, kitty's keyboard protocol, console_codes(4).
 */
export const terminalReset = [
  '\u0018\u001b\\', // ends a sequence or string that is not complete
  '\u001b%G', // UTF-8
  `\u001b7${modes('l', 1049, 1047, 47)}`, // the other screen; leaving it brings back the cursor that this one had
  `${modes('l', 67)}${modes('r', ...ownChoices)}`, // before the margins, for which a terminal could take it
  `${modes('l', 69)}\u001b7${csi}r\u001b8`, // margins and scrolling region; setting that moves the cursor
  // positions from the margins; the cursor that is brought back brings them too, which only DECSTR ends
  `\u001b7${modes('l', 6)}\u001b8${csi}!p`,
  modes('l', 9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016), // mouse, focus
  // cursor keys, reversed screen, wrapping back, keypad, pictures, bracketed paste, held output, reports
  modes('l', 1, 5, 45, 66, 80, 2004, 2026, 2031, 2048),
  modes('l', 1050, 1051, 1052, 1053, 1060, 1061, 9001), // other keyboards
  modes('h', 7, 8, 25), // wrapping, keys that repeat, the cursor
  `${csi}2l${csi}4l${csi}12h${csi}20l${csi}0 q`, // locked keyboard, insert, local echo, new line, shape of the cursor
  `${csi}=0u${csi}<99u${csi}>0m${csi}>1m${csi}>2m${csi}>4m`, // keyboards of kitty and xterm
  '\u001b>\u001b(B\u000f', // keypad, character set
  '\u001b]104\u0007\u001b]110\u0007\u001b]111\u0007\u001b]112\u0007', // colours
  '\u001b]8;;\u001b\\', // a link that was not closed
  `${csi}10m${csi}m`, // font
  `${csi}23;0t`,
].join('');

/** DEC private modes, one sequence each: a terminal may pass over a whole list for one that it does not know. */
function modes(action: 'h' | 'l' | 's' | 'r', ...numbers: readonly number[]): string {
  return numbers.map((number) => `${csi}?${number}${action}`).join('');
}
