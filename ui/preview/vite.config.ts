/** The preview's own server: the same sources, another page. */
import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here(".."),
  plugins: [svelte({ configFile: here("../svelte.config.js") })],
  cacheDir: here("../node_modules/.vite-preview"),
  server: { port: 1421, strictPort: true, fs: { allow: [here("../..")] } },
});
