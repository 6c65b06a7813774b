// Every form with data-guard is kept on this device within two seconds of typing, and given back until it was accepted.

import * as outbox from "./outbox.js";
import { element, say, time } from "./telling.js";

const PAUSE = 700; // after the last key; never later than LATEST after the first
const LATEST = 1500;
const THERE = 10000; // how often at most the server gets a copy
const LARGEST = 900000; // characters; the device keeps any
const NEVER = new Set(["csrfmiddlewaretoken", "submit_key", "version"]);

const lines = (text) => text.replace(/\r\n|\r|\n/g, "\r\n"); // as a browser sends them
const secret = (form) => new Set(Array.from(form.querySelectorAll("[type=password]"), (field) => field.name));

function fields(form, submitter) {
  const hidden = secret(form);
  return [...new FormData(form, submitter)]
    .filter(([name, value]) => typeof value === "string" && !hidden.has(name) && name !== "csrfmiddlewaretoken")
    .map(([name, value]) => [name, lines(value)]);
}

const typed = (pairs) => pairs.filter(([name]) => !NEVER.has(name));
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const action = (form) => new URL(form.getAttribute("action") || location.href, location.href);
// What cannot be kept, so that the form can only be sent from its page.
const hasFiles = (form) =>
  [...form.querySelectorAll("[type=file]")].some((field) => field.files.length) || secret(form).size > 0;

export const forms = (root = document) =>
  [...root.querySelectorAll("form[data-guard]")].filter((form) => form.elements.submit_key && form.method === "post");

export function attach(form, { offline = false, off = false, ready = Promise.resolve() } = {}) {
  const keeper = new Keeper(form, offline, off, ready);
  form.keeper = keeper;
  return keeper;
}

class Keeper {
  constructor(form, offline, off, ready) {
    this.form = form;
    this.off = off; // no key, or none wanted: only the server keeps it
    // Whose key: known soon after the page stands; false where the browser stores nothing.
    this.ready = ready.then((isOpen) => {
      this.isBlocked = isOpen === false && !off;
      this.off ||= this.isBlocked;
    });
    this.offline = offline;
    this.base = typed(fields(form));
    this.known = null; // the row as it was saved last
    this.since = 0;
    this.word = element("p", { className: "kept-word muted small", role: "status" });
    (form.querySelector(".form-actions") ?? form).append(this.word);
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    // Before every other listener: what is sent is kept first.
    form.addEventListener("submit", (event) => this.submit(event), { capture: true });
  }

  // The server has answered, and the same form stands here again with what was typed: it is not sent any more.
  async returned() {
    await this.ready;
    outbox.here.add(this.key);
    const row = this.row({ page: (await outbox.draft(this.key))?.page ?? location.pathname });
    await outbox.save(row);
    this.known = row;
    this.base = row.base;
  }

  get key() {
    return this.form.elements.submit_key.value;
  }

  changed() {
    const now = Date.now();
    this.since ||= now;
    delete this.form.dataset.kept;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), Math.max(0, Math.min(PAUSE, this.since + LATEST - now)));
  }

  row(more = {}) {
    const values = fields(this.form);
    return {
      key: this.key,
      page: this.known?.page ?? location.pathname + location.search,
      action: action(this.form).pathname + action(this.form).search,
      title: document.querySelector("main h1")?.textContent.trim() || document.title,
      about: document.querySelector(".person-name")?.textContent.trim() ?? "",
      values: typed(values),
      version: values.find(([name]) => name === "version")?.[1] ?? "",
      base: this.base,
      at: Date.now(),
      state: "typing",
      files: hasFiles(this.form),
      ...more,
    };
  }

  async keep() {
    clearTimeout(this.timer);
    this.since = 0;
    await this.ready;
    if (this.gone || this.sending) return;
    const row = this.row();
    if (!this.known && same(row.values, this.base)) return;
    if (this.off) {
      this.known = row;
      if (this.isBlocked) this.tell(say("notKept"));
      this.keepThere(row);
      return;
    }
    try {
      await outbox.save(row);
    } catch (problem) {
      this.tell(problem?.name === "QuotaExceededError" ? say("full") : say("notKept"));
      this.known = row;
      this.keepThere(row);
      return;
    }
    this.known = row;
    if (same(typed(fields(this.form)), row.values)) this.form.dataset.kept = "1";
    this.tell(`${say("onPhone")} · ${time(row.at)}${row.files ? ` · ${say("noFiles")}` : ""}`);
    this.keepThere(row);
  }

  // A copy on the server, for the day on which the device is lost.
  keepThere(row) {
    if (this.offline || !navigator.onLine || this.waits) return;
    this.waits = setTimeout(
      async () => {
        this.waits = null;
        if (this.gone || !navigator.onLine) return;
        this.lastThere = Date.now();
        const typedNow = JSON.stringify(fields(this.form));
        if (typedNow.length > LARGEST) return;
        const pairs = [["key", row.key], ["path", row.action.slice(0, 300)], ["typed", typedNow]];
        await outbox.post("/device/keep/", pairs).catch(() => null);
      },
      Math.max(1500, (this.lastThere ?? 0) + THERE - Date.now()),
    );
  }

  tell(text) {
    if (this.word.textContent !== text) this.word.textContent = text;
  }

  // The draft is frozen before the words leave; it goes when the server has said that it took them.
  async submit(event) {
    // A button with an address of its own asks for something else, such as a preview.
    if (event.defaultPrevented || this.released || this.off || event.submitter?.hasAttribute("formaction")) {
      this.released = false;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    const submitter = event.submitter;
    const frozen = fields(this.form, submitter);
    const row = this.row({ state: "waiting", frozen, sentAt: Date.now(), native: !this.offline });
    let isKept = true;
    try {
      await this.ready;
      await outbox.save(row);
    } catch {
      isKept = false;
    }
    this.known = row;
    this.sending = false;
    const away = this.offline || !navigator.onLine;
    if (away && isKept && !row.files) {
      this.form.dataset.kept = "1";
      this.gone = true;
      outbox.here.delete(row.key);
      await outbox.save({ ...row, native: false });
      sessionStorage.setItem("casemgmt-sent", "1");
      location.assign("/today/");
      return;
    }
    if (away) {
      this.tell(row.files ? say("filesNeedNetwork") : say("notKept"));
      return;
    }
    this.released = true;
    // A browser ignores it while the first submit is still being told to everybody.
    setTimeout(() => this.form.requestSubmit(submitter ?? undefined));
  }

  // Put a draft's words into this form, under its key; false where nothing of it fits.
  fill(row) {
    const groups = new Map();
    for (const [name, value] of row.values) groups.set(name, [...(groups.get(name) ?? []), value]);
    for (const field of this.form.elements) {
      if (!field.name || NEVER.has(field.name) || field.type === "file" || field.type === "password") continue;
      if (field.tagName === "BUTTON" || field.type === "submit") continue;
      this.set(field, groups.get(field.name) ?? []);
    }
    this.form.elements.submit_key.value = row.key;
    outbox.here.add(row.key);
    this.known = row;
    if (!this.off) this.form.dataset.kept = "1";
    for (const fold of this.form.querySelectorAll("details")) fold.open ||= Boolean(fold.querySelector("textarea"));
    this.form.dispatchEvent(new CustomEvent("kept:filled", { bubbles: true }));
    if (!this.off) this.tell(`${say("onPhone")} · ${time(row.at)}`);
  }

  set(field, wanted) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = wanted.includes(field.value);
    else if (field.tagName === "SELECT" && field.multiple) {
      for (const option of field.options) option.selected = wanted.includes(option.value);
    } else if (field.type === "hidden" && !wanted.length) return;
    else field.value = wanted.length > 1 ? wanted.shift() : (wanted[0] ?? "");
  }
}

// --- Three texts: what stood there, what stands there now, what was typed ------------------------------------------------

const byName = (pairs) => {
  const found = new Map();
  for (const [name, value] of pairs) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
};

// Where somebody else saved meanwhile: [{name, yours, theirs}] that both changed; `values` with what only they changed.
export function meet(row, now) {
  const [was, yours, theirs] = [byName(row.base), byName(row.values), byName(now)];
  const both = [];
  const values = [];
  for (const name of new Set([...was.keys(), ...yours.keys(), ...theirs.keys()])) {
    const [a, b, c] = [was, yours, theirs].map((one) => one.get(name) ?? []);
    if (!same(b, c) && !same(a, b) && !same(a, c)) both.push({ name, yours: b, theirs: c });
    for (const value of same(a, b) ? c : b) values.push([name, value]);
  }
  return { both, values };
}
