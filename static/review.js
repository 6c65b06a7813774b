// An assessment while it is filled in: counts what is rated, opens what wants words, compares with last time.
// Without a script all of it is there after saving.

const UNKNOWN = "8";
const form = document.querySelector("[data-review]");

// No need and a need that is met lack nothing (assessments/domains.py, change).
const lacks = (rating) => (!rating || rating === UNKNOWN ? null : Math.max(Number(rating), 1));

function compare(scale, now) {
  const [before, after] = [lacks(scale.dataset.was), lacks(now)];
  const known = before !== null && after !== null && before !== after;
  const change = known ? (after < before ? "better" : "worse") : null;
  for (const tag of scale.querySelectorAll("[data-change]")) tag.hidden = tag.dataset.change !== change;
}

function count() {
  const marks = document.querySelectorAll("[data-mark]");
  let rated = 0;
  for (const mark of marks) {
    const domain = form.querySelector(`[data-domain="${mark.dataset.mark}"]`);
    mark.hidden = !domain.querySelector(".scale-field input:checked[name$='-worker_rating']");
    rated += mark.hidden ? 0 : 1;
  }
  document.querySelector("[data-rated]").textContent = rated;
}

function look(input) {
  if (["2", "3"].includes(input.value)) input.closest("[data-domain]").querySelector("details").open = true;
  compare(input.closest(".scale-field"), input.value);
}

if (form) {
  form.addEventListener("change", ({ target }) => {
    if (!target.closest(".scale-field")) return;
    look(target);
    count();
  });
  // What was tapped before this script ran, or came back with the page.
  for (const input of form.querySelectorAll(".scale-field input:checked")) look(input);
  count();
}
