// SPDX-License-Identifier: MIT
/**
 * Puts the terminal on stdin into raw mode, if there is one: every key goes to the guest, Ctrl-C
 * included. Returns the way back; it also runs when the process ends by itself.
 */
export function enterRawMode(): () => void {
  if (!process.stdin.isTTY) return () => undefined;
  const leave = (): void => {
    process.off('exit', leave);
    process.stdin.setRawMode(false);
  };
  process.stdin.setRawMode(true);
  process.on('exit', leave);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(signal === 'SIGTERM' ? 143 : 129));
  return leave;
}

/** The terminal's size; what most programs assume where there is none. */
export function terminalSize(): { readonly columns: number; readonly rows: number } {
  const within = (value: number | undefined, fallback: number): number => Math.min(1000, Math.max(1, value || fallback));
  return { columns: within(process.stdout.columns, 80), rows: within(process.stdout.rows, 24) };
}
