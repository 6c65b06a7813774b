// On a page of the server: open this person's vault, keep their forms, give back what was not sent, fetch copies.

import { attach, forms, meet } from "./keep.js";
import * as outbox from "./outbox.js";
import { button, element, many, say, time } from "./telling.js";
import * as unsent from "./unsent.js";
import * as vault from "./vault.js";

const QUIET = 2500;
const REFRESH = 3600000; // how old the copies for work without a network may grow while there is one
const body = document.querySelector("#device-words").dataset;
const me = body.person;
const isKept = Boolean(me) && vault.able && Number(body.days) > 0;
// By this device's own clock, which may be wrong by days.
const signedIn = Date.now() - Math.max(0, body.now - (body.signedIn || body.now)) * 1000;
// False where nothing can be kept: not wanted, or the browser lets nobody store anything.
const ready = isKept ? vault.enter(me, signedIn, Number(body.days)).then(() => true, () => false) : Promise.resolve(false);

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => null);

// --- Giving back ---------------------------------------------------------------------------------------------------------

const path = (address) => new URL(address, location.origin).pathname;

async function giveBack(form) {
  const keeper = form.keeper;
  const own = path(form.getAttribute("action") || location.href);
  const rows = (await outbox.drafts()).filter((row) => path(row.action) === own && !row.there);
  if (form.dataset.guard === "unsaved") return keeper.returned();
  const asked = new URLSearchParams(location.search).get("draft");
  const here = rows.find((row) => row.key === asked) ?? rows.findLast((row) => row.state === "waiting" && row.native);
  if (here) {
    await goOn(form, here);
    return null;
  }
  const open = rows.filter((row) => row.state !== "waiting");
  for (const row of open) offer(form, row);
  if (!rows.length) for (const row of await keptThere(own)) offer(form, row);
  return null;
}

async function keptThere(own) {
  if (!navigator.onLine) return [];
  const answer = await fetch("/device/kept/", { headers: { "X-Device": me } }).catch(() => null);
  const { kept = [] } = answer?.ok ? await answer.json() : {};
  return kept
    .filter((row) => path(row.path) === own)
    .map((row) => {
      const technical = ["submit_key", "version"];
      const values = row.values.filter(([name]) => !technical.includes(name));
      const version = row.values.find(([name]) => name === "version")?.[1] ?? "";
      return { ...row, values, version, at: Date.parse(row.at), base: null, state: "typing" };
    });
}

function offer(form, row) {
  const words = element("p", { textContent: say("offer", { time: time(row.at) }) });
  const away = async () => {
    if (!confirm(say("sureThrow"))) return;
    await outbox.forget(row.key, true);
    note.remove();
  };
  const on = async () => {
    note.remove();
    await goOn(form, row);
  };
  const choice = element("div", { className: "cluster" }, button(say("goOn"), on, "btn-primary"), button(say("throwAway"), away));
  const note = element("section", { className: "panel kept-offer", "aria-label": say("notSent") }, words, choice);
  form.before(note);
}

async function goOn(form, row) {
  const keeper = form.keeper;
  const version = form.elements.version?.value ?? "";
  const now = keeper.base;
  const stale = row.version && version && row.version !== version;
  const met = stale ? meet({ ...row, base: row.base ?? now }, now) : { both: [], values: row.values };
  keeper.fill({ ...row, values: met.values });
  const away = button(say("throwAway"), async () => {
    if (!confirm(say("sureThrow"))) return;
    keeper.gone = true;
    await outbox.forget(row.key, true);
    form.dataset.kept = "1";
    location.replace(location.pathname);
  });
  const note = element("section", { className: "panel kept-offer", role: "status" });
  note.append(element("p", { textContent: say("givenBack", { time: time(row.at) }) }));
  for (const text of row.said ?? []) note.append(element("p", { className: "late", textContent: text }));
  if (row.files) note.append(element("p", { textContent: say("filesAgain") }));
  note.append(away);
  form.before(note);
  if (met.both.length) form.before(choose(form, met.both));
  // Their person decides now: it is sent with the button, and not by itself any more.
  if (row.state === "waiting" || stale) await outbox.save({ ...row, state: "typing", frozen: null, version });
}

// Both values of each field that both changed; the person takes one, and may still write on.
function choose(form, both) {
  const place = element("section", { className: "panel kept-choice" });
  place.append(element("h2", { textContent: say("bothChanged") }));
  for (const { name, yours, theirs } of both) {
    const fields = [...form.elements].filter((field) => field.name === name);
    const label = name && labelOf(form, fields[0], name);
    const group = element("fieldset", {}, element("legend", { className: "h3", textContent: label }));
    const ways = [["yours", yours], ["theirs", theirs]];
    if (fields[0]?.tagName === "TEXTAREA" && yours[0] && theirs[0]) ways.push(["bothTexts", [`${theirs[0]}\n\n${yours[0]}`]]);
    for (const [which, values] of ways) {
      const pick = element("input", { type: "radio", name: `choice-${name}`, className: "form-check-input" });
      pick.checked = which === "yours";
      pick.onchange = () => {
        const wanted = [...values];
        for (const field of fields) form.keeper.set(field, wanted);
        fields[0]?.dispatchEvent(new Event("input", { bubbles: true }));
      };
      const text = which !== "bothTexts" && element("span", { className: "prose", textContent: values.map((one) => shown(fields, one)).join(", ") || say("empty") });
      group.append(element("label", { className: "kept-pick" }, pick, element("b", { textContent: say(which) }), text || ""));
    }
    place.append(group);
  }
  return place;
}

function labelOf(form, field, name) {
  const legend = field?.closest("fieldset")?.querySelector("legend")?.textContent;
  const single = field?.labels?.[0]?.textContent;
  return (["radio", "checkbox"].includes(field?.type) ? (legend ?? single) : (single ?? legend))?.trim() || name;
}

function shown(fields, value) {
  const field = fields.find((one) => one.value === value || one.tagName === "SELECT") ?? fields[0];
  if (field?.tagName === "SELECT") return [...field.options].find((one) => one.value === value)?.textContent.trim() ?? value;
  if (["radio", "checkbox"].includes(field?.type)) return field.labels?.[0]?.textContent.trim() ?? value;
  return value;
}

// A page that says no without its form: the words stay, and the person decides.
async function refused() {
  const { refused: key, there, meets } = document.querySelector("[data-refused]")?.dataset ?? {};
  const row = key && (await outbox.draft(key));
  if (row) await needs(row, there, meets);
  const link = document.querySelector("[data-meet]");
  if (!link || !outbox.moved.has(key)) return;
  link.href = `${meets}?draft=${outbox.moved.get(key)}`;
  link.textContent = say("compare");
}

async function needs(row, there, meets) {
  const lines = document.querySelectorAll(".sorry li, .sorry h1");
  const said = Array.from(lines, (line) => line.textContent.trim());
  const news = { state: "needs", said: said.length ? said : [say("changedMeanwhile")] };
  if (meets) await outbox.moveTo(row, meets, news);
  else await outbox.save({ ...row, ...news, there });
}

// --- Signing out ----------------------------------------------------------------------------------------------------------

function guardSignOut(form) {
  let sure = false;
  form.addEventListener("submit", async (event) => {
    if (sure) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await ready;
    // A vault that cannot be read keeps nobody from signing out.
    const rows = await outbox.drafts().catch(() => []);
    if (!rows.length || (await confirmed(rows.length))) {
      await vault.wipe(me).catch(() => null);
      for (const one of forms()) one.dataset.kept = "1";
      sure = true;
      // A browser ignores it while the first submit is still being told to everybody.
      setTimeout(() => form.requestSubmit());
    }
  });
}

function confirmed(n) {
  return new Promise((resolve) => {
    const box = element("dialog", { className: "panel kept-dialog", "aria-labelledby": "sign-out-title" });
    const close = (answer) => () => {
      box.close();
      box.remove();
      resolve(answer);
    };
    box.append(element("h2", { id: "sign-out-title", textContent: many("unsent", n) }));
    box.append(element("p", { textContent: say("signOutWarns") }));
    const stay = button(say("staySigned"), close(false), "btn-primary");
    const look = element("a", { className: "btn btn-secondary", href: "/today/#unsent", textContent: say("look") });
    const go = button(say("signOutDelete"), close(true), "btn-outline-danger");
    box.append(element("div", { className: "cluster" }, stay, look, go));
    box.addEventListener("cancel", close(false));
    document.body.append(box);
    box.showModal();
  });
}

// --- Copies for days without a network --------------------------------------------------------------------------------------

async function copies() {
  const place = document.querySelector("[data-copies]");
  const tell = (kept) => place && kept && (place.textContent = say("copies", { n: kept.people, time: time(kept.at) }));
  const before = await vault.get("copies", "state");
  tell(before);
  if (!navigator.onLine || (before && Date.now() - before.at < REFRESH)) return;
  if (navigator.locks) await navigator.locks.request("casemgmt-copies", { ifAvailable: true }, (lock) => lock && fetchAll());
  else await fetchAll();
  tell(await vault.get("copies", "state"));
}

async function fetchAll() {
  const headers = { "X-Device": me };
  const answer = await fetch("/device/snapshot/", { headers });
  if (!answer.ok) return;
  const { pages } = await answer.json();
  // Whoever is not one's own any more goes first: the network may end before all pages are fetched.
  const wanted = new Set(["state", ...(await Promise.all(pages.map(vault.nameOf)))]);
  for (const name of await vault.names("copies")) if (!wanted.has(name)) await vault.drop("copies", name);
  const kept = new Set(["state"]);
  for (const address of pages) {
    const name = await vault.nameOf(address);
    const page = await fetch(address, { headers }).catch(() => null);
    if (page?.status === 401 || !page) return; // signed out, or no network: what is there stays
    // A server that has no time just now says nothing about whose record it is: the copy of before stays.
    if (page.status >= 500 || page.status === 429) kept.add(name);
    if (!page.ok || !page.headers.get("Content-Type")?.startsWith("text/html")) continue;
    const found = new DOMParser().parseFromString(await page.text(), "text/html");
    for (const old of found.querySelectorAll("[name=csrfmiddlewaretoken], script")) old.remove();
    const parts = [...found.querySelectorAll(".person, #main")].map((part) => part.outerHTML);
    await vault.put("copies", name, { title: found.title, html: parts.join(""), at: Date.now() });
    kept.add(name);
  }
  // Nor is a page kept that they may not open any more.
  for (const name of await vault.names("copies")) if (!kept.has(name)) await vault.drop("copies", name);
  const people = pages.filter((address) => address.startsWith("/enrollments/")).length;
  await vault.put("copies", "state", { at: Date.now(), people, pages });
}

// --- Start ------------------------------------------------------------------------------------------------------------------

for (const form of me ? forms() : []) attach(form, { ready, off: !isKept });
if (isKept) for (const form of document.querySelectorAll("form[data-sign-out]")) guardSignOut(form);
// Whoever holds the device now is somebody else: without a network it opens nothing, until its worker signs in again.
if (!me && vault.able && document.querySelector("[data-alone]")) await vault.leave().catch(() => null);
if (await ready) {
  vault.stay();
  await outbox.settle();
  await refused();
  for (const form of forms()) await giveBack(form);
  await unsent.show();
  document.documentElement.dataset.device = "ready";
  await outbox.flush();
  // The page comes first, and whoever only passes through it waits for nothing.
  await new Promise((resolve) => setTimeout(resolve, QUIET));
  await copies();
} else if (me && navigator.onLine) {
  for (const form of forms()) {
    const own = path(form.getAttribute("action") || location.href);
    if (form.dataset.guard !== "unsaved") for (const row of await keptThere(own)) offer(form, row);
  }
}
if (me) document.documentElement.dataset.device = "done";
