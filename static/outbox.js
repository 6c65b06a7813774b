// What was sent while there was no answer: the same words again, one after the other, until the server has answered.
//
// A draft: {key, page, action, title, values, base, at, state, frozen, sentAt, said, rows, files}.
// state: "typing" (not sent), "waiting" (sent, no answer yet), "needs" (the server said no: the person decides).

import * as vault from "./vault.js";

const ASKING = 15000; // how long a question may hang
const POSTING = 60000; // and a form: the lock of the outbox is not held for ever

const news = "BroadcastChannel" in globalThis ? new BroadcastChannel("casemgmt-kept") : null;
const listeners = new Set();

export const onChange = (act) => listeners.add(act);
news?.addEventListener("message", () => tell(false));
function tell(others = true) {
  for (const act of listeners) act();
  if (others) news?.postMessage("changed");
}

export const drafts = async () => (await vault.list("draft")).sort((a, b) => (a.sentAt ?? a.at) - (b.sentAt ?? b.at));
export const draft = (key) => vault.get("draft", key);

export async function save(row) {
  await vault.put("draft", row.key, row);
  tell();
}

export async function forget(key, alsoThere = false) {
  if (vault.current()) await vault.drop("draft", key);
  tell();
  if (alsoThere && navigator.onLine) await post("/device/keep/", [["forget", key]]).catch(() => null);
}

// Words that were typed under a key that was sent already with others: they wait at what was saved, under a key of
// their own, to be compared field by field. Nothing goes before it stands there.
export const moved = new Map(); // the key of before and the key of now
export async function moveTo(row, page, more = {}) {
  const key = crypto.randomUUID();
  moved.set(row.key, key);
  await save({ ...row, ...more, key, page, action: page, version: "0", frozen: null, native: false });
  await forget(row.key);
  return key;
}

// --- Asking the server ---------------------------------------------------------------------------------------------------

const page = document.querySelector("#device-words")?.dataset ?? {};
const headers = () => ({ "X-Device": vault.current() ?? page.person ?? "" });

// null: no network, or a server that cannot; {signedOut: true}; else the answer.
export async function ask(sent = []) {
  const query = new URLSearchParams(sent.map((key) => ["sent", key]));
  const signal = AbortSignal.timeout(ASKING);
  const answer = await fetch(`/device/?${query}`, { headers: headers(), cache: "no-store", signal }).catch(() => null);
  if (answer?.status === 401) return { signedOut: true };
  return answer?.ok ? answer.json().catch(() => null) : null;
}

export async function post(path, pairs, token) {
  const known = token ?? (await ask())?.token;
  if (!known) return null;
  const body = new URLSearchParams(pairs);
  const signal = AbortSignal.timeout(POSTING);
  return fetch(path, { method: "POST", body, headers: { ...headers(), "X-CSRFToken": known }, signal });
}

// What the server took although its answer was lost: the same words again get the first answer, and other words a no.
export async function settle() {
  const open = (await drafts()).filter((row) => row.state === "waiting");
  if (!open.length) return;
  const answer = await ask(open.map((row) => row.key));
  for (const row of open) if (answer?.sent?.includes(row.key)) await sendOne(row).catch(() => false);
}

// --- Sending -------------------------------------------------------------------------------------------------------------

let again = null;
let pause = 0;
export let busy = null; // the key that is being sent now
export let signedOut = false;
export const saved = new Map(); // what was sent while this page stood: key and what it was about

function later() {
  clearTimeout(again);
  pause = Math.min(pause ? pause * 2 : 5000, 300000);
  again = setTimeout(flush, pause);
}

export const here = new Set(); // keys of forms that stand open on this page: their person sends them

export async function flush() {
  if (!vault.current()) return;
  // Two tabs would both send: one waits for the other, and then finds nothing left.
  if (navigator.locks) await navigator.locks.request("casemgmt-outbox", sendAll);
  else await sendAll();
}

async function sendAll() {
  clearTimeout(again);
  let stop = false;
  // Read again inside the lock: another tab may have sent them meanwhile.
  for (const { key } of (await drafts()).filter((row) => row.state === "waiting" && !here.has(row.key))) {
    const row = await draft(key);
    if (row?.state !== "waiting") continue;
    busy = key;
    tell(false);
    stop = !(await sendOne(row).catch(() => false));
    busy = null;
    if (stop) break;
  }
  if (stop && !signedOut) later();
  if (!stop) pause = 0;
  tell();
}

// True when the next one may be tried.
async function sendOne(row) {
  const known = await ask([row.key]);
  if (!known) return false;
  signedOut = Boolean(known.signedOut);
  if (signedOut) return false;
  const isThere = known.sent.includes(row.key);
  // Files cannot be kept: only who chose them can send them.
  if (row.files && !isThere) return true;
  const answer = row.files ? null : await post(row.action, row.frozen, known.token);
  if (row.files) {
    await forget(row.key);
    return true;
  }
  if (!answer || answer.status >= 500 || answer.status === 429) return false;
  if (answer.status === 401) {
    signedOut = true;
    return false;
  }
  const said = await read(answer);
  if (said.to) {
    saved.set(row.key, row.about || row.title);
    await forget(row.key);
  } else if (said.meets) await moveTo(row, said.meets, { state: "needs", said: said.sentences });
  else await save({ ...row, state: "needs", said: said.sentences, rows: said.rows, there: said.there });
  return true;
}

async function read(answer) {
  const text = await answer.text();
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
    const { to, there, meets, sentences = [], rows = [] } = JSON.parse(text);
    return { to, there, meets, sentences, rows };
  }
  const found = new DOMParser().parseFromString(text, "text/html");
  const lines = found.querySelectorAll(".error-summary li, .sorry h1, .sorry li, .sorry p");
  return { sentences: [...new Set(Array.from(lines, (line) => line.textContent.trim()))].slice(0, 8), rows: [] };
}

for (const [target, type] of [[globalThis, "online"], [document, "visibilitychange"]]) {
  target.addEventListener(type, () => {
    if (document.visibilityState === "visible" && vault.current()) flush();
  });
}
