// One `leitai serve` with a data folder and a database of its own.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Engine = 'sqlite' | 'postgres';

const root = join(import.meta.dirname, '../..');
const binary = process.env.LEITAI || join(root, 'target/debug/leitai');
const gateways = process.env.FAKEPAY || join(root, 'target/debug/fakepay');

export class Server {
  readonly url: string;
  private readonly env: NodeJS.ProcessEnv;
  private process: ChildProcess | undefined;
  private output = '';
  private bank: ChildProcess | undefined;
  /** The address of the fake gateways, where there are any. */
  bankUrl = '';

  private constructor(
    private readonly port: number,
    readonly data: string,
    private readonly database: Database | undefined,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.env = {
      PATH: process.env.PATH,
      DATA: data,
      ADDRESS: `127.0.0.1:${port}`,
      PUBLIC_URL: this.url,
      SITE_ROOT: process.env.SITE_ROOT || join(root, 'target/site'),
      DEMONSTRATION: '1',
      REQUESTS_PER_MINUTE: '0',
      LOGINS_PER_ADDRESS: '100000',
      LOG: process.env.LOG || 'warn',
      ...(database ? { DATABASE_URL: database.url, SECRET: randomBytes(32).toString('hex') } : {}),
    };
  }

  /** A new installation: a demonstration without content, or with the demonstration world. */
  static async start(engine: Engine, options: { world?: boolean; arguments?: string[] } = {}): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), 'leitai-e2e-'));
    const server = new Server(await freePort(), data, engine === 'postgres' ? Database.create() : undefined);
    try {
      if (options.world) {
        server.command('demo');
        await server.openBank();
      }
      await server.serve(options.arguments);
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  /** Starts fake gateways of its own, at which people pay as they would at the real ones. */
  private async openBank(): Promise<void> {
    const address = `127.0.0.1:${await freePort()}`;
    this.bankUrl = `http://${address}`;
    const settings = execFileSync(gateways, ['--address', address, 'settings'], { encoding: 'utf8' });
    for (const line of settings.trim().split('\n')) {
      const cut = line.indexOf('=');
      this.env[line.slice(0, cut)] = line.slice(cut + 1);
    }
    this.bank = spawn(gateways, ['--address', address, '--leitai', this.url, 'serve'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.keep(this.bank);
  }

  /** Orders something at the control door of the fake gateways. */
  async orders(act: string): Promise<void> {
    const answer = await fetch(`${this.bankUrl}/control/${act}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`${act}: ${answer.status}`);
  }

  /** Runs another command of the binary on the same installation. */
  command(...words: string[]): string {
    const done = spawnSync(binary, words, { env: this.env, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`leitai ${words.join(' ')}: ${done.stdout}\n${done.stderr}`);
    return done.stdout;
  }

  /** What the server printed so far. */
  printed(): string {
    return this.output;
  }

  private keep(child: ChildProcess): void {
    const keep = (bytes: Buffer) => {
      this.output += bytes.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  async serve(more: string[] = []): Promise<void> {
    const child = spawn(binary, ['serve', ...more], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    this.keep(child);
    for (const deadline = Date.now() + 180_000; Date.now() < deadline; ) {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${this.output}`);
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server is not ready:\n${this.output}`);
  }

  async stop(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill('SIGINT');
    const last = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(last);
  }

  async remove(): Promise<void> {
    await this.stop();
    this.bank?.kill('SIGKILL');
    this.database?.drop();
    rmSync(this.data, { recursive: true, force: true });
  }
}

class Database {
  private constructor(
    private readonly host: string,
    private readonly name: string,
  ) {}

  static create(): Database {
    const given = process.env.TEST_POSTGRES_URL;
    if (!given) throw new Error('TEST_POSTGRES_URL is not set: run these tests by `cargo xtask test --only browser`');
    const host = new URL(given).searchParams.get('host') ?? '';
    const made = new Database(host, `e2e_${randomBytes(6).toString('hex')}`);
    made.tool('createdb', made.name);
    return made;
  }

  get url(): string {
    return `postgres://postgres@localhost/${this.name}?host=${this.host}`;
  }

  drop(): void {
    this.tool('dropdb', '--force', '--if-exists', this.name);
  }

  private tool(program: string, ...words: string[]): void {
    execFileSync(join(process.env.POSTGRES_BIN ?? '', program), ['-h', this.host, '-U', 'postgres', ...words]);
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))));
    });
  });
}
