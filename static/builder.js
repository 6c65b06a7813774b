// Building a questionnaire: rows are added on the spot, and the preview follows what is typed.
// Without a script saving adds rows, and a button shows the preview.

const form = document.querySelector("#builder");

for (const button of form.querySelectorAll("[data-add]")) button.hidden = false;
for (const element of form.querySelectorAll("[data-without-script]")) element.hidden = true;

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (!button) return;
  const kind = button.dataset.add;
  const total = form.querySelector(`#id_${kind}-TOTAL_FORMS`);
  const rows = form.querySelector(`[data-rows="${kind}"]`);
  const empty = form.querySelector(`[data-empty="${kind}"]`);
  rows.insertAdjacentHTML("beforeend", empty.innerHTML.replaceAll("__prefix__", total.value));
  total.value = Number(total.value) + 1;
  rows.lastElementChild.querySelector("textarea, input:not([type=hidden]), select").focus();
});

// Trying an answer shows the preview again: whoever answers with the keyboard stays where they were.
let held = null;

form.addEventListener("htmx:beforeSwap", () => {
  const now = document.activeElement;
  held = now?.closest("[data-preview]") ? { name: now.name, value: now.value, type: now.type } : null;
});

form.addEventListener("htmx:afterSwap", () => {
  if (!held) return;
  const same = [...form.querySelectorAll(`[data-preview] [name="${held.name}"]`)];
  const choice = ["radio", "checkbox"].includes(held.type);
  (choice ? same.find((input) => input.value === held.value) : same[0])?.focus();
  held = null;
});
