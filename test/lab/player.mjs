import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process of the play: its records, and its orders. */
export class Player {
  constructor(name, command, { onSignal, stderrReady } = {}) {
    this.name = name;
    this.records = [];
    this.errors = '';
    this.gone = false;
    const [cmd, args] = command;
    this.child = spawn(cmd, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdin.on('error', () => undefined);
    this.waiting = [];
    this.child.stderr.on('data', (d) => {
      this.errors += d;
      if (stderrReady && this.errors.includes(stderrReady)) this.add({ ev: 'ready' });
    });
    createInterface({ input: this.child.stdout }).on('line', (text) => {
      let r;
      try {
        r = JSON.parse(text);
      } catch {
        return;
      }
      this.add(r);
      if (r.ev === 'signal') void this.obey(onSignal, r.name);
    });
    this.exited = new Promise((resolve) =>
      this.child.on('close', () => {
        this.gone = true;
        this.add({ ev: 'exit' });
        resolve();
      }),
    );
  }

  async obey(onSignal, name) {
    await onSignal?.(name);
    this.order('go');
  }

  add(record) {
    this.records.push(record);
    this.waiting = this.waiting.filter((w) => !w());
  }

  order(text) {
    if (!this.gone) this.child.stdin.write(`${text}\n`);
  }

  find(test) {
    return this.records.find(test);
  }

  /** Waits for a record; resolves to it, or to undefined when the process is gone or the time is over. */
  until(test, ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), ms);
      const look = () => {
        const r = this.records.find(test) ?? (this.gone ? null : undefined);
        if (r === undefined) return false;
        clearTimeout(timer);
        resolve(r ?? undefined);
        return true;
      };
      if (!look()) this.waiting.push(look);
    });
  }

  async kill(signal = 'SIGKILL') {
    if (!this.gone) {
      this.child.kill(signal);
      await Promise.race([this.exited, new Promise((r) => setTimeout(r, 3000))]);
      if (!this.gone) this.child.kill('SIGKILL');
    }
  }
}

export const sleep = (seconds) => new Promise((r) => setTimeout(r, seconds * 1000));
