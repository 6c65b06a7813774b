// What writing a visit down does better with a script. All by delegation, so that it also works in a form that is put
// on the page later.

import { shownAt } from "./clock.js";

const minutesOf = (text) => {
  const [hours, minutes] = text.split(":").map(Number);
  return hours * 60 + minutes;
};
const visitOf = (element) => element.closest?.("form[data-visit]");
const field = (form, name) => form.elements.namedItem(name);

// --- A visit just done ends now: with other minutes it began at another time, until somebody says when ---------------

function beginsBefore(form, minutes) {
  const time = field(form, "time"), day = field(form, "day");
  if (form.dataset.visit !== "new" || form.dataset.timed || !time || !day) return;
  const now = shownAt(form, new Date()), begun = shownAt(form, new Date(Date.now() - minutes * 60000));
  if (begun.day !== now.day || day.value !== now.day) return;
  time.value = begun.time;
}

document.addEventListener("input", (event) => {
  const form = visitOf(event.target);
  if (!form) return;
  const { name, value } = event.target;
  const minutes = field(form, "direct_minutes"), until = field(form, "until");
  if (name === "time" || name === "day") form.dataset.timed = "yes";
  if (name === "direct_minutes") {
    until.value = "";
    if (Number(value) >= 0) beginsBefore(form, Number(value));
  }
  if ((name === "until" || name === "time") && until.value && field(form, "time").value) {
    form.dataset.timed = "yes";
    const between = minutesOf(until.value) - minutesOf(field(form, "time").value);
    if (between >= 0) minutes.value = between;
  }
});

// --- Who was not reached took no time, unless somebody says so -------------------------------------------------------

document.addEventListener("change", (event) => {
  const form = visitOf(event.target);
  if (!form || event.target.name !== "outcome") return;
  const minutes = field(form, "direct_minutes");
  if (event.target.value === "kept") {
    if (minutes.value === "0" && minutes.dataset.was) minutes.value = minutes.dataset.was;
  } else if (minutes.value === minutes.defaultValue && minutes.value !== "0") {
    minutes.dataset.was = minutes.value;
    minutes.value = "0";
  }
});

// --- A phrase goes where the cursor was last --------------------------------------------------------------------------

let lastText = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("form[data-visit] textarea")) lastText = event.target;
});
document.addEventListener("change", (event) => {
  const box = event.target;
  const form = visitOf(box);
  if (!form || box.name !== "phrases" || !box.checked) return;
  const text = lastText && form.contains(lastText) ? lastText : field(form, "note");
  const phrase = box.labels[0].textContent.trim();
  const at = text.selectionEnd ?? text.value.length;
  const before = text.value.slice(0, at), after = text.value.slice(at);
  const gap = before && !/\s$/.test(before) ? " " : "";
  text.value = `${before}${gap}${phrase}${after && !/^\s/.test(after) ? " " : ""}${after}`;
  text.selectionStart = text.selectionEnd = before.length + gap.length + phrase.length;
  box.checked = false;
  text.dispatchEvent(new Event("input", { bubbles: true }));
});

// --- What is tapped by mistake is tapped away -------------------------------------------------------------------------

const needed = new Set(["held_with", "hour"]);
let wasChecked = null;
const radioOf = (target) => {
  const found = target.closest?.("label")?.control ?? target;
  return found?.type === "radio" && visitOf(found) && !needed.has(found.name) ? found : null;
};
document.addEventListener("pointerdown", (event) => {
  const radio = radioOf(event.target);
  wasChecked = radio?.checked ? radio : null;
});
document.addEventListener("click", (event) => {
  if (event.target.type !== "radio" || event.target !== wasChecked) return;
  wasChecked = null;
  event.target.checked = false;
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});
