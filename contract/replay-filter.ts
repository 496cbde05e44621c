// SPDX-License-Identifier: MIT

/**
 * Takes out of a recorded console what a terminal would answer, or do outside its screen: the question was put long
 * ago, and the answer would be typed into whatever runs now. Follows the terminal's own state machine (ECMA-48; DEC
 * ANSI parser, https://vt100.net/emu/dec_ansi_parser) byte for byte, so it does not matter where a record is cut. What
 * is not known to be harmless is dropped. Holds at most {@link mostHeldBytes}.
 */
export class ReplayFilter {
  #state: State = 'ground';
  /** The sequence that has begun and not ended; it is passed on or dropped as a whole. */
  #held: number[] = [];
  /** What is dropped is an operating system command, which BEL ends too. */
  #isCommandDropped = false;
  /** Bytes of a character in UTF-8 still to come: in them 0x80 to 0x9f mean no control. */
  #following = 0;
  /** 0xC2 came, which is passed on with the byte that makes it a character. */
  #isLatinBegun = false;
  #out = new Uint8Array(0);
  #length = 0;

  /** What of the bytes may be shown. */
  pass(bytes: Uint8Array): Uint8Array {
    this.#out = new Uint8Array(2 * bytes.length + mostHeldBytes + 2); // a control of 8 bits becomes two of 7
    this.#length = 0;
    for (const byte of bytes) this.#take(byte);
    return this.#out.subarray(0, this.#length);
  }

  /** The record is over: a sequence that has begun is passed on, and what completes it is new. */
  end(): Uint8Array {
    const rest = Uint8Array.from(this.#held);
    this.#become('ground');
    return rest;
  }

  #take(byte: number): void {
    if (this.#following > 0 && byte >= 0x80 && byte < 0xc0) return this.#continueCharacter(byte);
    this.#isLatinBegun = false; // half a character is none
    this.#following = 0;
    if (byte === enquiry) return;
    if (byte === cancel || byte === substitute) return this.#become('ground');
    if (byte === escape) return this.#begin();
    if (byte >= 0x80 && byte < 0xa0) return this.#control(byte);
    this.#beginCharacter(byte);
  }

  #beginCharacter(byte: number): void {
    if (this.#state === 'ground' || this.#isString) this.#following = bytesAfter(byte);
    if (byte === 0xc2 && this.#following === 1) this.#isLatinBegun = true; // U+0080 to U+009F are controls too
    else if (byte < 0x20 && !this.#isString) this.#emit(byte); // obeyed at once, also within a sequence
    else this.#inSequence(byte);
  }

  #continueCharacter(byte: number): void {
    this.#following -= 1;
    if (this.#isLatinBegun) {
      this.#isLatinBegun = false;
      if (byte < 0xa0) return this.#control(byte);
      this.#inSequence(0xc2);
    }
    this.#inSequence(byte);
  }

  get #isString(): boolean {
    return this.#state === 'osc' || this.#state === 'dropped';
  }

  /** A control of 8 bits stands for ESC and the byte that is less by 0x40. */
  #control(byte: number): void {
    if (byte === stringEnd) return this.#state === 'osc' ? this.#endCommand() : this.#become('ground');
    this.#begin();
    this.#inSequence(byte - 0x40);
  }

  /** ESC \ ends a string; ESC and anything else does so too, and begins what comes next. */
  #begin(): void {
    if (this.#isString) this.#state = this.#state === 'osc' ? 'osc-escape' : 'dropped-escape';
    else this.#become('escape');
    if (this.#state === 'escape') this.#held = [escape];
  }

  #inSequence(byte: number): void {
    switch (this.#state) {
      case 'escape':
        return this.#afterEscape(byte);
      case 'escape-intermediate':
        return this.#endAt(byte, 0x30, () => true);
      case 'csi':
        return this.#endAt(byte, 0x40, () => isHarmlessControl(this.#held.slice(2), byte));
      case 'osc':
        return byte === bell ? this.#endCommand() : this.#hold('osc', byte);
      case 'osc-escape':
        return byte === 0x5c ? this.#endCommand() : this.#restart(byte);
      case 'dropped':
        return byte === bell && this.#isCommandDropped ? this.#become('ground') : undefined;
      case 'dropped-escape':
        return byte === 0x5c ? this.#become('ground') : this.#restart(byte);
      case 'ground':
        return this.#emit(byte);
      default:
        this.#state satisfies never;
    }
  }

  #afterEscape(byte: number): void {
    if (byte === 0x5b) return this.#hold('csi', byte);
    if (byte === 0x5d) return this.#hold('osc', byte);
    if (strings.has(byte)) return this.#dropString();
    if (byte === identify) return this.#become('ground');
    if (byte >= 0x20 && byte < 0x30) return this.#hold('escape-intermediate', byte);
    this.#held.push(byte);
    this.#passHeld();
  }

  #endAt(byte: number, first: number, isHarmless: () => boolean): void {
    if (byte === 0x7f) return; // DEL is passed over
    if (byte < first) return this.#hold(this.#state, byte);
    if (byte > 0x7f || !isHarmless()) return this.#become('ground');
    this.#held.push(byte);
    this.#passHeld();
  }

  #restart(byte: number): void {
    this.#state = 'escape';
    this.#held = [escape];
    this.#afterEscape(byte);
  }

  /** Always ended by ESC \, which every terminal understands: what one takes for the end is none to another. */
  #endCommand(): void {
    if (!isHarmlessCommand(this.#held.slice(2))) return this.#become('ground');
    this.#held.push(escape, 0x5c);
    this.#passHeld();
  }

  /** What is longer than any sequence of a sane program is dropped to its end. */
  #hold(state: State, byte: number): void {
    this.#held.push(byte);
    this.#state = state;
    if (this.#held.length < mostHeldBytes) return;
    this.#isCommandDropped = state === 'osc';
    this.#become(state === 'osc' ? 'dropped' : 'ground');
  }

  #dropString(): void {
    this.#isCommandDropped = false;
    this.#become('dropped');
  }

  #emit(byte: number): void {
    this.#out[this.#length] = byte;
    this.#length += 1;
  }

  #passHeld(): void {
    for (const byte of this.#held) this.#emit(byte);
    this.#become('ground');
  }

  #become(state: State): void {
    this.#state = state;
    this.#held = [];
  }
}

/** `dropped`: within a string that is not passed on. */
type State = 'ground' | 'escape' | 'escape-intermediate' | 'csi' | 'osc' | 'osc-escape' | 'dropped' | 'dropped-escape';

const mostHeldBytes = 4096;
const enquiry = 0x05;
const bell = 0x07;
const cancel = 0x18;
const substitute = 0x1a;
const escape = 0x1b;
const stringEnd = 0x9c;
/** DECID. */
const identify = 0x5a;
/** DCS (DECRQSS, XTGETTCAP, function keys that type), SOS, PM, APC (pictures, which are answered). */
const strings: ReadonlySet<number> = new Set([0x50, 0x58, 0x5e, 0x5f]);

/**
 * Of control sequences with a private prefix or intermediates, those that are neither answered nor act outside the
 * screen: modes, selective erase, soft reset, protection, cursor style, kitty's and xterm's keyboard modes.
 */
const harmlessPrivate: ReadonlySet<string> = new Set([
  '?h',
  '?l',
  '?J',
  '?K',
  '?s',
  '?r',
  '!p',
  '"q',
  ' q',
  '>m',
  '>u',
  '<u',
  '=u',
]);
/** DA, DSR, window reports and actions, terminal parameters, self-test, printing. */
const harmful = 'cntxyi';
/** Modes that a terminal answers to at once: focus, colour scheme, size. */
const answeredModes: ReadonlySet<number> = new Set([1004, 2031, 2048]);
/** Titles, colours, folder, links, colours given back, marks of a shell. Colours are asked for with `?`. */
const harmlessCommands: ReadonlySet<number> = new Set([
  0, 1, 2, 4, 5, 7, 8, 10, 11, 12, 17, 19, 104, 105, 110, 111, 112, 117, 119, 133,
]);
const textCommands: ReadonlySet<number> = new Set([0, 1, 2, 7, 8, 133]);

/** How many bytes of a character in UTF-8 come after its first. */
function bytesAfter(first: number): number {
  if (first >= 0xf0) return 3;
  if (first >= 0xe0) return 2;
  return first >= 0xc2 ? 1 : 0;
}

function isHarmlessControl(body: readonly number[], final: number): boolean {
  const text = String.fromCharCode(...body);
  const letter = String.fromCharCode(final);
  const [, prefix = '', parameters = '', intermediates = ''] = /^([<=>?]?)([0-9:;]*)([ -/]*)$/.exec(text) ?? [
    undefined,
    'x',
  ];
  if (prefix === '' && intermediates === '') return !harmful.includes(letter);
  if (!harmlessPrivate.has(`${prefix}${intermediates}${letter}`)) return false;
  return letter !== 'h' || !parameters.split(';').some((mode) => answeredModes.has(Number(mode)));
}

function isHarmlessCommand(body: readonly number[]): boolean {
  const text = String.fromCharCode(...body);
  const number = Number(/^\d{1,4}(?=;|$)/.exec(text)?.[0] ?? Number.NaN);
  return harmlessCommands.has(number) && (textCommands.has(number) || !text.includes('?'));
}
