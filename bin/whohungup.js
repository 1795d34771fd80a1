#!/usr/bin/env node
import { keepHeapSmall } from '../dist/cli/heap.js';
import { main } from '../dist/cli/main.js';

keepHeapSmall();
process.exitCode = await main();
// A read from a pipe that was under way at Ctrl-C would keep the process alive until the pipe says something.
if (process.exitCode === 130) process.exit();
