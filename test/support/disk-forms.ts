// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fullDisk } from './disk-content.ts';

const run = promisify(execFile);
const diskBytes = 6 * 1024 ** 2;
const forms = [
  'for format in qcow2 vmdk vdi vhdx; do qemu-img convert -f raw -O $format a.raw a.$format; done',
  'qemu-img convert -f raw -O vmdk -o subformat=streamOptimized a.raw stream.vmdk',
  'for pack in xz zstd gzip bzip2; do $pack -k -q a.raw; done; xz -k -q a.qcow2',
].join('\n');
const certificate =
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null; chmod 0644 cert.pem';

/**
 * One disk in every form that can be imported, `a.raw`, `a.vmdk`, `a.qcow2.xz` and so on, in a directory that everyone
 * may read.
 */
export class DiskForms implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<DiskForms> {
    const made = new DiskForms(await mkdtemp(path.join(tmpdir(), 'berth-disks-')));
    await chmod(made.directory, 0o755);
    await writeFile(made.in('a.raw'), fullDisk(diskBytes));
    await made.shell(forms);
    return made;
  }

  in(name: string): string {
    return path.join(this.directory, name);
  }

  /** Runs a script among the files. */
  async shell(script: string): Promise<void> {
    await run('sh', ['-ec', `cd "$1"; ${script}`, 'sh', this.directory]);
  }

  /** What qemu-img-compare(1) says of the disk and an image in qcow2. */
  async compare(image: string): Promise<string> {
    return (await run('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', this.in('a.raw'), image])).stdout;
  }

  /** What a server of this computer's address needs to speak https; `cert.pem` lies among the files. */
  async certify(): Promise<{ readonly key: string; readonly cert: string }> {
    await this.shell(certificate);
    return { key: await readFile(this.in('key.pem'), 'utf8'), cert: await readFile(this.in('cert.pem'), 'utf8') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}
