import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// Chrome 87 and Safari 14 are the oldest engines still met; Vite's own default is far younger.
const target = ['chrome87', 'safari14'];

export default defineConfig({
  base: '/console/',
  plugins: [vue()],
  build: { target, cssTarget: target, outDir: 'dist', emptyOutDir: true },
});
