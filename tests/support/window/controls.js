// Runs in the window as the body of a function: (order, role, name).
// order "find" gives elements, "names" their names, "values" their values, "focused" the name of the focused one.
//
// Roles and names follow the HTML Accessibility API Mappings and the Accessible Name computation as far as this
// application's pages go: no frames, no shadow roots, no generated content.
const [order, wantedRole, wantedName] = arguments;

const INPUT_ROLES = {
  button: "button", checkbox: "checkbox", image: "button", number: "spinbutton", radio: "radio", range: "slider",
  reset: "button", search: "searchbox", submit: "button",
};
const TAG_ROLES = {
  article: "article", aside: "complementary", button: "button", dialog: "dialog", fieldset: "group", h1: "heading",
  h2: "heading", h3: "heading", h4: "heading", h5: "heading", h6: "heading", hr: "separator", img: "img", li: "listitem",
  main: "main", menu: "list", meter: "meter", nav: "navigation", ol: "list", option: "option", output: "status",
  progress: "progressbar", summary: "button", table: "table", textarea: "textbox", ul: "list",
};
const NAMED_BY_CONTENT = new Set([
  "button", "checkbox", "heading", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "radio", "switch",
  "tab", "tooltip", "treeitem", "listitem", "status", "alert",
]);

const roleOf = (element) => {
  const explicit = element.getAttribute("role")?.trim().split(/\s+/)[0];
  if (explicit) return explicit;
  const tag = element.localName;
  if (tag === "a") return element.hasAttribute("href") ? "link" : "";
  if (tag === "input") return element.hasAttribute("list") ? "combobox" : (INPUT_ROLES[element.type] ?? "textbox");
  if (tag === "select") return element.multiple || element.size > 1 ? "listbox" : "combobox";
  if (tag === "section" || tag === "form") return labelOf(element) ? (tag === "form" ? "form" : "region") : "";
  return TAG_ROLES[tag] ?? "";
};

// What is behind a modal dialog cannot be reached.
const modal = [...document.querySelectorAll("dialog:modal")].at(-1);

const isHidden = (element) =>
  (modal && !modal.contains(element)) || element.closest("[aria-hidden=true], [inert]") !== null || !element.checkVisibility({ visibilityProperty: true });

const tidy = (text) => text.replace(/\s+/g, " ").trim();

const childrenOf = (node) => [...node.childNodes].map(contentOf).join("");

const contentOf = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  if (node.getAttribute("aria-hidden") === "true") return "";
  const style = getComputedStyle(node);
  if (style.display === "none" || style.visibility === "hidden") return "";
  const label = node.getAttribute("aria-label");
  if (label) return label;
  if (node.localName === "img") return node.alt;
  const text = childrenOf(node);
  return style.display === "inline" ? text : ` ${text} `;
};

function labelOf(element) {
  const ids = element.getAttribute("aria-labelledby");
  if (ids) {
    const parts = ids.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean);
    const text = tidy(parts.map((part) => part.getAttribute("aria-label") ?? part.textContent).join(" "));
    if (text) return text;
  }
  return tidy(element.getAttribute("aria-label") ?? "");
}

const nameOf = (element) => {
  const label = labelOf(element);
  if (label) return label;
  const labels = tidy([...(element.labels ?? [])].map(contentOf).join(" "));
  if (labels) return labels;
  if (element.localName === "img") return tidy(element.alt);
  if (element.localName === "input" && ["button", "submit", "reset"].includes(element.type)) return element.value;
  if (element.localName === "fieldset") return tidy(element.querySelector("legend")?.textContent ?? "");
  if (NAMED_BY_CONTENT.has(roleOf(element))) {
    const content = tidy(childrenOf(element));
    if (content) return content;
  }
  return tidy(element.getAttribute("title") ?? element.getAttribute("placeholder") ?? "");
};

const valueOf = (element) => {
  if (element.localName === "select") return tidy(element.selectedOptions[0]?.textContent ?? "");
  if ("value" in element && ["input", "textarea"].includes(element.localName)) return element.value;
  return element.getAttribute("aria-valuetext") ?? tidy(childrenOf(element));
};

if (order === "focused") return document.activeElement ? nameOf(document.activeElement) : "";

const found = [...document.querySelectorAll("*")].filter(
  (element) =>
    roleOf(element) === wantedRole &&
    !isHidden(element) &&
    (wantedName === null || wantedName === undefined || nameOf(element) === wantedName),
);
if (order === "names") return found.map(nameOf);
if (order === "values") return found.map(valueOf);
return found;
