// A questionnaire while it is answered: each answer is sent as it is given, one after the other, and again when there
// was no connection. Without a script the buttons send what stands on the page.

const form = document.querySelector("[data-answering]");
const PAUSE = 1000; // after the last letter
const AGAIN = 5000; // after a failure
const PATIENCE = 20000; // for one reply

const waiting = new Map(); // question: timer that will queue it
const queue = new Set(); // questions whose answer is to be sent, in order
let busy = false;
let leaving = false;

const questionOf = (element) => element.closest("[data-question]");
const part = (question, name) => question.querySelector(`[data-${name}]`);

function inputs(question) {
  const name = CSS.escape(question.dataset.question);
  return [...question.querySelectorAll(`[name="${name}"]`)];
}

function values(question) {
  return inputs(question)
    .filter((input) => !["radio", "checkbox"].includes(input.type) || input.checked)
    .map((input) => input.value);
}

function tell(question, { said = "", error = "" }) {
  const word = part(question, "said");
  const wrong = part(question, "error");
  word.textContent = said;
  word.hidden = !said;
  wrong.querySelector("span").textContent = error;
  wrong.hidden = !error;
  question.classList.toggle("has-error", Boolean(error));
  for (const input of inputs(question)) {
    if (error) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}

function show(reply) {
  const hidden = new Set(reply.hidden);
  for (const question of form.querySelectorAll("[data-question]")) {
    question.hidden = hidden.has(question.dataset.question);
  }
  const set = (name, text) => {
    for (const place of document.querySelectorAll(`[data-${name}]`)) place.textContent = text;
  };
  set("answered", reply.answered);
  set("asked", reply.asked);
  for (const bar of document.querySelectorAll("[data-bar]")) Object.assign(bar, { max: reply.asked, value: reply.answered });
  const alarm = form.querySelector("[data-alarm]");
  if (alarm && alarm.innerHTML !== reply.alarm) alarm.innerHTML = reply.alarm;
}

async function send(question) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("code", question.dataset.code);
  for (const value of values(question)) body.append("value", value);
  const answer = await fetch(form.dataset.say, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status >= 500) throw new Error(answer.status);
  // Anything but our own words means that the page is out of date: signed out, or finished elsewhere.
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return { lost: true };
  return answer.json();
}

async function work() {
  if (busy) return;
  busy = true;
  for (const question of queue) {
    queue.delete(question);
    try {
      const reply = await send(question);
      if (reply.lost) {
        tell(question, { error: form.dataset.lost });
        continue;
      }
      if (!reply.error) question.querySelector(`[name$="-was"]`).value = reply.was;
      if (!queue.has(question)) tell(question, reply.error ? reply : { said: form.dataset.saved });
      show(reply);
    } catch {
      if (leaving) break;
      queue.add(question);
      tell(question, { error: form.dataset.waiting });
      setTimeout(work, AGAIN);
      break;
    }
  }
  busy = false;
}

function keep(question) {
  offerClear(question);
  clearTimeout(waiting.get(question));
  waiting.delete(question);
  queue.add(question);
  work();
}

function later(question) {
  clearTimeout(waiting.get(question));
  waiting.set(question, setTimeout(() => keep(question), PAUSE));
}

// Buttons to tap cannot be emptied by tapping: a button beside them takes the answer back.
function offerClear(question) {
  const button = part(question, "clear");
  if (button) button.hidden = !values(question).length;
}

function clear(button) {
  const question = questionOf(button);
  for (const input of inputs(question)) input.checked = false;
  inputs(question)[0].focus();
  keep(question);
}

// The earlier answer, given again with one tap.
function again(button) {
  const question = questionOf(button);
  const value = JSON.parse(button.dataset.same);
  const wanted = new Set([value].flat().map(String));
  for (const input of inputs(question)) {
    if (input.type === "checkbox") input.checked = wanted.has(input.value);
    else input.value = value;
  }
  keep(question);
}

if (form) {
  form.addEventListener("change", ({ target }) => {
    const question = questionOf(target);
    if (question) keep(question);
  });
  form.addEventListener("input", ({ target }) => {
    const question = questionOf(target);
    if (question && target.matches("textarea, input:not([type=radio], [type=checkbox])")) later(question);
  });
  form.addEventListener("click", ({ target }) => {
    const same = target.closest("[data-same]");
    if (same) again(same);
    const taken = target.closest("[data-clear]");
    if (taken) clear(taken);
  });
  for (const button of form.querySelectorAll("[data-same]")) button.hidden = false;
  for (const question of form.querySelectorAll("[data-question]")) offerClear(question);
  form.addEventListener("submit", () => {
    leaving = true;
    setTimeout(() => (leaving = false), 10000);
  });
  addEventListener("online", work);
  addEventListener("beforeunload", (event) => {
    if (!leaving && (queue.size || waiting.size || busy)) event.preventDefault();
  });
}
