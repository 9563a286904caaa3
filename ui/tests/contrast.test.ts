/** Every pair of roles that is laid on one another can be read, in both themes: 4.5:1 for text, 3:1 for controls. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

const TOKENS = readFileSync(resolve(import.meta.dirname, "../src/styles/tokens.css"), "utf8");

type Rgb = [number, number, number];

function role(name: string, theme: "light" | "dark"): Rgb {
  const match = new RegExp(`--${name}: light-dark\\(#([0-9a-f]{6}), #([0-9a-f]{6})\\)`).exec(TOKENS);
  if (!match) throw new Error(`tokens.css has no colour called ${name}`);
  const hex = (theme === "light" ? match[1] : match[2]) ?? "";
  return [0, 2, 4].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255)) as Rgb;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

/** OKLCH as linear sRGB, cut to what a screen can show. */
function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return rgb.map((channel) => Math.min(1, Math.max(0, channel))) as Rgb;
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["background", "sidebar", "surface", "raised", "hover", "selected"];
const TEXTS = ["text", "text-quiet", "accent-text", "warning"];

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  it.each(GROUNDS.flatMap((ground) => TEXTS.map((text) => [text, ground] as const)))("%s reads on %s", (text, ground) => {
    expect(contrast(role(text, theme), role(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ["on-accent", "accent"],
    ["on-accent", "accent-hover"],
    ["warning", "warning-soft"],
    ["accent-text", "warning-soft"],
    ["text", "warning-soft"],
    ["text", "code"],
    ["text-quiet", "code"],
    ["positive", "raised"],
  ])("%s reads on %s", (text, ground) => {
    expect(contrast(role(text, theme), role(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(GROUNDS)("controls are seen on %s", (ground) => {
    expect(contrast(role("control-line", theme), role(ground, theme))).toBeGreaterThanOrEqual(3);
    expect(contrast(role("accent", theme), role(ground, theme))).toBeGreaterThanOrEqual(3);
  });

  it("every connection's colour is seen on every ground", () => {
    const match = /--mark: light-dark\(oklch\(([\d.]+) ([\d.]+) var\(--hue\)\), oklch\(([\d.]+) ([\d.]+) var/.exec(TOKENS);
    const [lightness, chroma] = theme === "light" ? [match?.[1], match?.[2]] : [match?.[3], match?.[4]];
    for (let hue = 0; hue < 360; hue++) {
      const colour = oklch(Number(lightness), Number(chroma), hue);
      for (const ground of GROUNDS) {
        expect(contrast(colour, role(ground, theme)), `hue ${hue} on ${ground}`).toBeGreaterThanOrEqual(3);
      }
    }
  });
});
