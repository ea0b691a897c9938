import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';

// Chrome 87 and Safari 14 are the oldest engines still met; Vite's own default is far younger.
const target = ['chrome87', 'safari14'];

/** Whoever imports a component of Element Plus imports its styles: nobody has to write them down, and nothing else comes. */
function elementStyles(): Plugin {
  const components = join(dirname(createRequire(import.meta.url).resolve('element-plus/package.json')), 'es/components');
  const known = new Set(readdirSync(components));
  const kebab = (name: string) => name.replace(/^El/, '').replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').replace(/(?<=[a-z])(\d)/g, '-$1').toLowerCase();
  return {
    name: 'element-styles',
    transform(code, id) {
      if (id.includes('node_modules')) return null;
      const names = [...code.matchAll(/import \{([^}]+)\} from ['"]element-plus['"]/g)].flatMap(([, list]) => list!.split(',').map((name) => name.trim()));
      const styles = [...new Set(names.filter((name) => name.startsWith('El')).map(kebab))].map((name) => (name === 'auto-resizer' ? 'table-v2' : name));
      if (styles.length === 0) return null;
      for (const style of styles) if (!known.has(style)) this.error(`Element Plus has no styles for ${style}`);
      return { code: styles.map((style) => `import 'element-plus/es/components/${style}/style/css';`).join('') + code, map: null };
    },
  };
}

export default defineConfig({
  base: '/console/',
  plugins: [vue(), elementStyles()],
  // A page under development against an instance: `graborder dev`, then `npm run dev -w console`.
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/openapi.json': 'http://127.0.0.1:8080', '/ws': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: { target, cssTarget: target, outDir: 'dist', emptyOutDir: true,
    // The board's charts are one chunk, fetched after its figures stand.
    chunkSizeWarningLimit: 600,
  },
});
