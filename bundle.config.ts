import { defineConfig } from 'vite';

/** What is started, by the mode of the build, and whether it is one file. Built apart: what a thread needs as well would part the program into twice as many files. */
const ENTRIES = {
  program: { name: 'whohungup', path: 'dist/cli/run-program.js', isOneFile: false },
  lane: { name: 'whohungup-lane', path: 'dist/route/lane-worker.js', isOneFile: true },
} as const;

// The program in a few files instead of two hundred: half of its start-up was finding and opening them. Dependencies stay packages of their own.
// oxlint-disable-next-line import/no-default-export -- vite reads the default export
export default defineConfig(({ mode }) => {
  const { name, path, isOneFile } = ENTRIES[mode === 'lane' ? 'lane' : 'program'];
  return {
    logLevel: 'warn',
    build: {
      ssr: path,
      outDir: 'dist',
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        output: { entryFileNames: `${name}.js`, chunkFileNames: 'whohungup-[name].js', ...(isOneFile ? { codeSplitting: false } : {}) },
      },
    },
  };
});
