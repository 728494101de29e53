/** A process of Firebreak's own, for tests that look at what it prints and how it ends. */
import { spawn, type ChildProcess } from 'node:child_process';

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  /** What it has printed so far. */
  out(): string;
  err(): string;
}

/** With `env` and the way to Node, and nothing else of this process's environment. */
export function startProcess(script: string, env: Readonly<Record<string, string>>): RunningProcess {
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { child, ended, out: () => out, err: () => err };
}
