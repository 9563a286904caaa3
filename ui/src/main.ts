/** The one entry of every window's page. */
import { mount } from "svelte";

import "./styles/tokens.css";
import "./styles/base.css";

import { preferences } from "./settings/preferences.svelte";
import Root from "./views/Root.svelte";
import { windowOf } from "./views/window";

const target = document.getElementById("app");

// The look is known before anything is painted, so no window flashes in the wrong one.
void preferences.load().then(() => {
  if (target) mount(Root, { target, props: { label: windowOf(location.hash) } });
});
