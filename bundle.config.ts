import { defineConfig } from 'vite';

// The program in a few files instead of two hundred: half of its start-up was finding and opening them. Dependencies stay packages of their own.
// oxlint-disable-next-line import/no-default-export -- vite reads the default export
export default defineConfig({
  logLevel: 'warn',
  build: {
    ssr: true,
    outDir: 'dist',
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    rolldownOptions: {
      input: { whohungup: 'dist/cli/run-program.js', 'whohungup-lane': 'dist/route/lane-worker.js' },
      output: { entryFileNames: '[name].js', chunkFileNames: 'whohungup-[name].js' },
    },
  },
});
