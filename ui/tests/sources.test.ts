/** Rules over the sources: the words, the tiers, who may reach the core, and nothing that the content policy forbids. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import { FluentResource } from "@fluent/bundle";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../src");
const CATALOGUE = readFileSync(resolve(ROOT, "../../src-tauri/core/messages/en.ftl"), "utf8");

const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(ts|svelte|css)$/.test(path))
  .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(ROOT, path), "utf8") }));

const sources = files.filter((file) => !file.path.startsWith("backend/generated/"));

describe("the catalogue of words", () => {
  const defined = new Set([...CATALOGUE.matchAll(/^(ui-[a-z0-9-]+) =/gm)].map((match) => match[1]));
  const used = new Set(sources.flatMap((file) => [...file.text.matchAll(/"(ui-[a-z0-9-]+)"/g)].map((match) => match[1])));

  it("has every message that the interface says", () => {
    expect([...used].filter((id) => !defined.has(id))).toEqual([]);
  });

  it("has no message that the interface never says", () => {
    expect([...defined].filter((id) => !used.has(id))).toEqual([]);
  });

  it("parses whole", () => {
    const ids = [...CATALOGUE.matchAll(/^([a-z][a-z0-9-]*) =/gm)].map((match) => match[1]);
    const parsed = new Set(new FluentResource(CATALOGUE).body.map((message) => message.id));
    expect(ids.filter((id) => id !== undefined && !parsed.has(id))).toEqual([]);
    expect(ids.length, "a message is defined twice").toBe(new Set(ids).size);
  });

  it("is the only place with words in the markup", () => {
    const spoken = /(?:aria-label|placeholder|title|alt)="[^"{]*[A-Za-z]{2}[^"{]*"/;
    const offenders = sources.filter((file) => file.path.endsWith(".svelte") && spoken.test(withoutUrls(file.text)));
    expect(offenders.map((file) => file.path)).toEqual([]);
  });
});

function withoutUrls(text: string): string {
  return text.replaceAll(/placeholder="https:[^"]*"/g, "");
}

describe("the tiers", () => {
  const domains = ["connections", "models", "chat", "settings"];
  const tier = (path: string): number => {
    const [folder = "", ...rest] = path.split("/");
    if (rest.length === 0) return folder === "main.ts" ? 4 : 0;
    if (folder === "backend") return 0;
    if (folder === "shared" || folder === "styles") return 1;
    return domains.includes(folder) ? 2 : 3;
  };

  const imports = sources.flatMap((file) =>
    [...file.text.matchAll(/from "(\.[^"]+)"|import "(\.[^"]+)"/g)].map((match) => ({
      from: file.path,
      to: relative(ROOT, resolve(ROOT, dirname(file.path), match[1] ?? match[2] ?? "")).replaceAll("\\", "/"),
    })),
  );

  it("are imported downwards only", () => {
    expect(imports.length).toBeGreaterThan(100);
    const upwards = imports.filter(({ from, to }) => !to.startsWith("..") && tier(from) < tier(to));
    expect(upwards).toEqual([]);
  });

  it("keep the domains in the core's order", () => {
    const order = (path: string) => domains.indexOf(path.split("/")[0] ?? "");
    const against = imports.filter(({ from, to }) => tier(from) === 2 && tier(to) === 2 && order(from) < order(to));
    expect(against).toEqual([]);
  });

  it("let only backend/ reach the core", () => {
    const others = sources.filter((file) => file.text.includes("@tauri-apps") && !file.path.startsWith("backend/"));
    expect(others.map((file) => file.path)).toEqual([]);
  });
});

describe("the content policy", () => {
  const offenders = (pattern: RegExp) => sources.filter((file) => pattern.test(file.text)).map((file) => file.path);

  it("meets no inline style", () => {
    expect(offenders(/\sstyle=|setAttribute\("style"|cssText/)).toEqual([]);
  });

  it("meets no evaluated code and no inline handler", () => {
    expect(offenders(/\beval\(|new Function\(|javascript:/)).toEqual([]);
  });

  it("lets HTML in at one place only", () => {
    expect(offenders(/innerHTML|insertAdjacentHTML|\{@html/)).toEqual(["chat/Blocks.svelte"]);
  });

  it("needs no other host", () => {
    expect(offenders(/url\(["']?https?:|src="https?:|@import/)).toEqual([]);
  });
});

describe("the look", () => {
  it("names colours in tokens.css only", () => {
    const colour = /#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(/i;
    const styles = sources.filter((file) => file.path !== "styles/tokens.css");
    const offenders = styles.filter((file) => colour.test(file.text.match(/<style>[\s\S]*<\/style>/)?.[0] ?? (file.path.endsWith(".css") ? file.text : "")));
    expect(offenders.map((file) => file.path)).toEqual([]);
  });

  it("has no timer that ticks", () => {
    expect(sources.filter((file) => file.text.includes("setInterval")).map((file) => file.path)).toEqual([]);
  });
});
