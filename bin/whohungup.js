#!/usr/bin/env node
import { runProgram } from '../dist/whohungup.js';

await runProgram();
