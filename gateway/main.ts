#!/usr/bin/env node
// The program. Loading it takes a slow machine seconds, so signals that may come by then are thought of before.
import { argv, stdin } from 'node:process';
import { keepYoungHeapSmall } from './process/young-heap.js';

const [, , word] = argv;
const isStart = word === undefined || word === 'start' || word.startsWith('-');
// `systemctl reload` right after the start: SIGHUP would end the process before cli/run/signals.ts is there to take it. All that
// it asks to be read again is read after that anyway.
if (isStart && !stdin.isTTY) process.on('SIGHUP', () => undefined);

if (isStart) keepYoungHeapSmall();

await import('./cli/command-line.js');
