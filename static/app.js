// What a page does better with a script. Everything works without it.

const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });

// --- Light, dark, or as the device says: a cookie that the server writes into <html> --------------------------------

const root = document.documentElement;

function showTheme() {
  for (const button of document.querySelectorAll("[data-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.theme === (root.dataset.bsTheme ?? "")));
  }
}

on("click", "[data-theme]", (button) => {
  const theme = button.dataset.theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; samesite=lax; max-age=${theme ? 31536000 : 0}${secure}`;
  if (theme) root.dataset.bsTheme = theme;
  else delete root.dataset.bsTheme;
  showTheme();
});

for (const picker of document.querySelectorAll("[data-theme-picker]")) picker.hidden = false;
showTheme();

// --- A device that is handed over: the worker's other tabs show the sign-in page ------------------------------------

if ("BroadcastChannel" in window) {
  const tabs = new BroadcastChannel("casemgmt");
  if (document.querySelector("[data-alone]")) tabs.postMessage("handed over");
  else tabs.addEventListener("message", () => location.reload());
}

// --- Menus made of <details> close on Escape and on a click elsewhere ---------------------------------------------

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// --- Forms: warn before typed words are lost, and send once ---------------------------------------------------------

const written = new WeakMap();
const sending = new WeakSet();
const words = (form) =>
  JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));

for (const form of document.querySelectorAll("form[data-guard]")) {
  // A form that came back with errors holds words that were never saved.
  written.set(form, form.dataset.guard === "unsaved" ? null : words(form));
}

addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    if (!form.dataset.kept && !sending.has(form) && written.has(form) && written.get(form) !== words(form)) event.preventDefault();
  }
});

function release(form) {
  sending.delete(form);
  for (const button of form.querySelectorAll("[aria-busy=true]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.closest("[hx-post], [hx-put], [hx-boost]")) return;
  sending.add(form);
  // Later than now: a disabled button would not send its own name.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button]):enabled")) {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    }
  });
  // No connection leaves us on this page: give the button back. The submit key makes a second answer the first.
  setTimeout(() => release(form), 10000);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(release);
});

// --- Copy what was written last time: <button data-copy-from="#last" data-copy-to="#id_note"> ----------------------

on("click", "[data-copy-from]", (button) => {
  const from = document.querySelector(button.dataset.copyFrom);
  const to = document.querySelector(button.dataset.copyTo);
  if (!from || !to) return;
  const text = from.value ?? from.textContent.trim();
  to.value = to.value ? `${to.value}\n${text}` : text;
  to.dispatchEvent(new Event("input", { bubbles: true }));
  to.focus();
});

// --- The error summary takes the focus, also where autofocus is ignored ----------------------------------------------

document.querySelector(".error-summary")?.focus();
