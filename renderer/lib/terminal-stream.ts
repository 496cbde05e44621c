// SPDX-License-Identifier: MIT
/** One byte stream of a terminal, as the terminal component sees it. */
export interface TerminalStream {
  /**
   * Begins delivery. `acknowledge` is called once the bytes are on the screen; until then the sender's window shrinks.
   */
  listen(listener: TerminalStreamListener): void;
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface TerminalStreamListener {
  data(bytes: Uint8Array, acknowledge: (count: number) => void): void;
  /** `reason` is absent for an orderly end. */
  end(reason?: string): void;
}
