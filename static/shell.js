// Without a network: this page's copy, opened with the key of whoever works on this device.

import { shownAt } from "./clock.js";
import { attach, forms } from "./keep.js";
import * as outbox from "./outbox.js";
import { element, say, time } from "./telling.js";
import * as unsent from "./unsent.js";
import * as vault from "./vault.js";

const main = document.querySelector("#main");
const theme = document.cookie.match(/(?:^|; )theme=(dark|light)/)?.[1];
if (theme) document.documentElement.dataset.bsTheme = theme;

function today(form) {
  const begun = Date.now() - (Number(form.elements.direct_minutes?.value) || 0) * 60000;
  const now = shownAt(form, new Date()), at = shownAt(form, new Date(begun));
  if (form.elements.day) form.elements.day.value = now.day;
  if (form.elements.time) form.elements.time.value = at.day === now.day ? at.time : now.time;
}

async function open() {
  // A form that was sent without a network lands here: it is kept, and sent later.
  for (const row of await outbox.drafts()) {
    if (row.state === "waiting" && row.native && Date.now() - row.sentAt < 60000) await outbox.save({ ...row, native: false });
  }
  const state = await vault.get("copies", "state");
  const address = location.pathname === "/" ? "/today/" : location.pathname;
  const copy = await vault.get("copies", await vault.nameOf(address));
  const note = document.querySelector("#offline-note");
  note.hidden = false;
  if (copy) {
    note.querySelector("[data-since]").textContent = say("copyOf", { time: time(copy.at) });
    document.title = copy.title;
    // Made by our own templates, sealed when it was fetched: what people typed is escaped in it.
    const made = new DOMParser().parseFromString(copy.html, "text/html").body;
    document.querySelector("#copy").replaceChildren(...made.childNodes);
    main.hidden = true;
    main.removeAttribute("id");
  } else {
    main.querySelector("[data-absent]").hidden = false;
  }
  for (const form of document.querySelectorAll("#copy form:not([data-guard])")) form.inert = true;
  const asked = new URLSearchParams(location.search).get("draft");
  for (const form of forms()) {
    form.elements.submit_key.value = crypto.randomUUID();
    today(form);
    const keeper = attach(form, { offline: true });
    const own = new URL(form.getAttribute("action") || location.href, location.href).pathname;
    const rows = (await outbox.drafts()).filter((row) => new URL(row.action, location.href).pathname === own);
    const row = rows.find((one) => one.key === asked) ?? rows.findLast((one) => one.state === "typing");
    if (row) {
      keeper.fill(row);
      if (row.state !== "typing") await outbox.save({ ...row, state: "typing", frozen: null });
      form.before(element("p", { className: "panel kept-offer", role: "status", textContent: say("givenBack", { time: time(row.at) }) }));
    }
  }
  for (const place of document.querySelectorAll("#copy [data-unsent]")) place.remove();
  // Beside a person's page the count in the bar is enough.
  if (copy && address !== "/today/") note.querySelector("[data-unsent]").remove();
  const list = document.querySelector("#kept-pages");
  for (const page of ["/today/", "/contacts/"]) {
    if (state?.pages.includes(page) && address !== page) list.append(element("a", { className: "btn btn-secondary", href: page, textContent: say(page === "/today/" ? "today" : "contacts") }));
  }
  await unsent.show();
  document.documentElement.dataset.device = "ready";
}

const person = vault.able ? await vault.reopen().catch(() => null) : null;
if (person) await open();
else document.querySelector("[data-nobody]").hidden = false;
document.documentElement.dataset.device ??= "ready";

// The network is back: the real page, unless somebody is in the middle of a sentence.
addEventListener("online", async () => {
  await outbox.flush();
  document.querySelector("[data-back]").hidden = false;
  // What was sent just now is read first.
  if (!forms().length && !outbox.saved.size) location.reload();
});
