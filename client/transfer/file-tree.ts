// SPDX-License-Identifier: MIT

export interface FileFacts {
  /** `other`: a FIFO, a socket, a device. */
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly bytes: number;
  /** The permission bits alone, without set-user-id and its like. */
  readonly mode: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  /** Whether the file takes less room than its length; undefined where nobody knows. */
  readonly isSparse?: boolean;
}

/** A file in the making. */
export interface FileWriter {
  /** Resolves when more may come; what went wrong with earlier bytes rejects here or in {@link close}. */
  write(bytes: Buffer): Promise<void>;
  /** The next bytes are zeros that need no room. */
  skip(count: number): void;
  /** Resolves when all bytes are there. */
  close(): Promise<void>;
  /** Lets go of the file, whatever is in it. Never rejects. */
  abandon(): Promise<void>;
}

/** A folder that is held: `path` leads into this very folder, whatever becomes of its name meanwhile. */
export interface HeldFolder extends AsyncDisposable {
  readonly path: Buffer;
  /** Tells it from every other folder. */
  readonly identity: string;
}

/** Files of one computer, for copying: this one's by its own calls, a guest's over SFTP. Paths are bytes. */
export interface FileTree {
  /** Of the thing itself, or of where a link leads; undefined where nothing is. */
  look(path: Buffer, followsLinks: boolean): Promise<FileFacts | undefined>;
  /** The path without links, `.` and `..`. */
  realPath(path: Buffer): Promise<Buffer>;
  /**
   * A link is followed only where `followsLinks`. The other side's folders are as they are: a guest decides itself what
   * is in it.
   */
  hold(folder: Buffer, followsLinks: boolean): Promise<HeldFolder>;
  list(folder: Buffer): Promise<readonly { readonly name: Buffer; readonly facts: FileFacts }[]>;
  readLink(path: Buffer): Promise<Buffer>;
  /** The content of a regular file, never by way of a link. */
  read(path: Buffer): AsyncIterable<Buffer>;
  /** Makes a file that was not there. `onBytes` hears of bytes that have arrived. */
  create(path: Buffer, mode: number, onBytes: (bytes: number) => void): Promise<FileWriter>;
  makeFolder(path: Buffer, mode: number): Promise<void>;
  makeLink(target: Buffer, path: Buffer): Promise<void>;
  /** Gives a finished file its name, at once and whole. False where the name is taken and may not be replaced. */
  publish(made: Buffer, path: Buffer, mayReplace: boolean): Promise<boolean>;
  remove(path: Buffer): Promise<void>;
  change(path: Buffer, wanted: { readonly mode?: number; readonly modifiedAt?: number }): Promise<void>;
  /** Bytes that this user may still write there; undefined where nobody knows. */
  freeBytes(folder: Buffer): Promise<number | undefined>;
  /** Nothing further can be done here: the other side has gone. */
  isLost(error: unknown): boolean;
}
