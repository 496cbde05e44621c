// SPDX-License-Identifier: MIT What a guest could put in the place of its SSH server: `hostile-ssh-server.ts ADDRESS
// BEHAVIOUR`, with the host key and a line for each thing that happens on stdout. `silent-N` says N things and then
// nothing, `mounts` that it has mounted, and answers no further command.
import { generateKeyPairSync } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';

const [address = '127.0.0.1', behaviour = ''] = process.argv.slice(2);
const hostKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
}).privateKey;
const tell = (...words: readonly unknown[]): void => void process.stdout.write(`${words.join(' ')}\n`);

const algorithms = {
  'group-exchange': { kex: ['diffie-hellman-group-exchange-sha256' as const] },
  zlib: { compress: ['zlib' as const, 'zlib@openssh.com' as const] },
}[behaviour];

const server = new ssh2.Server({ hostKeys: [hostKey], ...(algorithms && { algorithms }) }, (connection: Connection) => {
  connection.on('error', () => undefined);
  connection.on('authentication', (attempt) => attempt.accept());
  connection.on('session', (accept, reject) => {
    if (behaviour === 'refuses-channels') return reject();
    accept().on('exec', (start, _refuse, { command }) => run(start(), command));
  });
});

function run(channel: ServerChannel, command: string): void {
  tell('exec', command);
  channel
    .on('error', () => undefined)
    .on('close', () => tell('closed', command))
    .resume(); // its close is told after its end
  if (command === 'true') {
    channel.exit(0);
    channel.end();
  } else if (behaviour === 'oversteps') overstep(channel);
  else if (behaviour === 'endless') pour(channel);
  else if (behaviour === 'mounts' && command.includes('berth-mount-sshfs'))
    channel.stderr.write('berth-mount: mounted\n');
}

/** As much as it is allowed, for ever. */
function pour(channel: ServerChannel): void {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const goOn = (): void => {
    while (channel.writable && channel.write(chunk));
    channel.once('drain', goOn);
  };
  goOn();
}

/** As much as TCP takes, whatever it is allowed. */
function overstep(channel: ServerChannel): void {
  const { outgoing, _client: client } = channel as unknown as {
    outgoing: { id: number };
    _client: {
      _protocol: { channelData(id: number, data: Buffer): void };
      _sock: { writableNeedDrain: boolean; destroyed: boolean };
    };
  };
  const chunk = Buffer.alloc(32 * 1024, 'x');
  const goOn = (): void => {
    for (let count = 0; count < 64 && !client._sock.destroyed && !client._sock.writableNeedDrain; count += 1)
      client._protocol.channelData(outgoing.id, chunk);
    if (!client._sock.destroyed) setTimeout(goOn, 1);
  };
  goOn();
}

/** Stands between, so that what is said can be cut after so many words and connections are counted. */
const outer = createServer((guest) => {
  let left = behaviour.startsWith('silent-') ? Number(behaviour.slice('silent-'.length)) : Infinity;
  tell('connected');
  guest.on('error', () => undefined).once('close', () => tell('disconnected'));
  if (left === 0) tell('silent');
  if (behaviour === 'endless-greeting') {
    const goOn = (): void => {
      while (!guest.destroyed && guest.write('a line that is no greeting\r\n'.repeat(1000)));
      guest.once('drain', goOn);
    };
    return goOn();
  }
  const inner = connect((server.address() as AddressInfo).port, '127.0.0.1');
  inner
    .on('error', () => undefined)
    .on('data', (chunk: Buffer) => {
      if (left <= 0) return;
      left -= 1;
      guest.write(chunk);
      if (left === 0) tell('silent');
    });
  inner.once('close', () => guest.destroy());
  guest.once('close', () => inner.destroy());
  guest.pipe(inner);
});

server.listen(0, '127.0.0.1', () =>
  outer.listen(22, address, () => {
    const key = ssh2.utils.parseKey(hostKey);
    if (key instanceof Error) throw key;
    tell('serves', key.getPublicSSH().toString('base64'));
  }),
);
