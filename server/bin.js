#!/usr/bin/env node
// `npx tsumugi`: starts the Node that package.json pins on cli.ts, with the same arguments, input and output. An old Node must
// be able to read this file: no syntax or module newer than Node 12.20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST_MAJOR = 24;
const server = dirname(fileURLToPath(import.meta.url));
const modules = join(dirname(server), 'node_modules');
// The packages name Windows `win`; where a platform has no package (macOS), a Node that is new enough will do.
const pinned =
  process.platform === 'win32'
    ? join(modules, `node-win-${process.arch}`, 'bin', 'node.exe')
    : join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
const isNewEnough = Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR;

if (existsSync(pinned)) start(pinned);
else if (isNewEnough) start(process.execPath);
else refuse(`is not in node_modules (run npm ci)`);

function start(node) {
  const child = spawn(node, [join(server, 'cli.ts')].concat(process.argv.slice(2)), { stdio: 'inherit' });
  const signals = process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  // A key pressed in the terminal reaches the child by itself; a second copy would look like a second press.
  const isFromTerminal = (signal) => process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
  for (const signal of signals) {
    process.on(signal, () => {
      if (!isFromTerminal(signal)) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    // Such as a libc the pinned binary was not built for.
    if (node !== process.execPath && isNewEnough) start(process.execPath);
    else refuse(`does not start here: ${error.message}`);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    // End the way the child ended, so that the caller sees the same.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function refuse(reason) {
  const found = `this is Node ${process.versions.node} on ${process.platform}-${process.arch}`;
  console.error(`tsumugi needs Node ${LEAST_MAJOR} or later: ${found}, and the pinned one ${reason}`);
  process.exitCode = 1;
}
