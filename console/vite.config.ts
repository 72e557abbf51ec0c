// SPDX-License-Identifier: Apache-2.0
//
// The pages as files for the program to embed: everything self-hosted below /console/,
// nothing inlined (the Content-Security-Policy allows neither inline scripts nor data:).
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  esbuild: { jsx: 'automatic' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      // "use client" marks in libraries mean nothing without a rendering server
      onwarn: (warning, tell) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') tell(warning);
      },
    },
  },
  server: {
    // `npm run dev` beside a running `tokenhouse serve`
    proxy: { '/console/api': process.env.TOKENHOUSE_URL ?? 'http://127.0.0.1:8480' },
  },
});
