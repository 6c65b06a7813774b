// The list of what is not sent yet, with one word each, and the count in the bar of every page.

import * as outbox from "./outbox.js";
import * as vault from "./vault.js";
import { button, element, many, say, time } from "./telling.js";

function word(row) {
  if (outbox.busy === row.key) return say("sending");
  if (row.state === "needs") return say("needsYou");
  if (row.state === "waiting" && outbox.signedOut) return say("signIn");
  return say("onPhone");
}

const pageOf = (row) => {
  const page = new URL(row.page, location.origin);
  page.searchParams.set("draft", row.key);
  return page.pathname + page.search;
};

function item(row) {
  const main = element(
    "div",
    { className: "item-main" },
    element("a", { className: "item-link", href: pageOf(row), textContent: row.about || row.title }),
    element("p", { className: "item-meta", textContent: [row.about && row.title, time(row.at)].filter(Boolean).join(" · ") }),
  );
  for (const text of row.said ?? []) main.append(element("p", { className: "late", textContent: text }));
  if (row.there) main.append(element("p", {}, element("a", { className: "above", href: row.there, textContent: say("openSaved") })));
  for (const one of row.rows ?? []) main.append(difference(one));
  // Its page may not be theirs any more, such as after a change of caseload: the words can still be read.
  if (row.state === "needs") {
    const list = element("dl", { className: "facts" });
    for (const [name, value] of row.values.filter((pair) => pair[1])) {
      const said = element("dd", { className: "prose", textContent: value });
      list.append(element("div", {}, element("dt", { textContent: name }), said));
    }
    main.append(element("details", { className: "fold above" }, element("summary", { textContent: say("typed") }), list));
  }
  const away = button(say("throwAway"), async () => {
    if (confirm(say("sureThrow"))) await outbox.forget(row.key, true);
  });
  away.classList.add("btn-sm");
  away.append(element("span", { className: "visually-hidden", textContent: ` ${row.about || row.title}` }));
  const side = element("div", { className: "item-side" }, element("span", { className: "tag", textContent: word(row) }), away);
  return element("li", {}, main, side);
}

export function difference(one) {
  return element(
    "div",
    { className: "was-now" },
    element("div", { className: "yours" }, element("h4", { textContent: `${one.label}: ${say("yours")}` }), one.yours),
    element("div", {}, element("h4", { textContent: say("theirs") }), one.theirs),
  );
}

export async function show() {
  const rows = vault.able && vault.current() ? await outbox.drafts() : [];
  count(rows.length);
  for (const place of document.querySelectorAll("[data-unsent]")) {
    place.hidden = !rows.length && !outbox.saved.size;
    const title = element("h2", { textContent: say("notSent") });
    const head = element("div", { className: "panel-head" }, title, element("span", { className: "count", textContent: rows.length }));
    const list = element("ul", { className: "items" });
    list.append(...rows.map(item));
    place.replaceChildren(...(rows.length ? [head, list] : []));
    for (const about of outbox.saved.values()) {
      place.append(element("p", { role: "status", textContent: `${about}: ${say("saved")}` }));
    }
    if (rows.some((row) => row.state === "waiting") && outbox.signedOut) {
      const to = `/accounts/login/?next=${encodeURIComponent("/today/")}`;
      place.append(element("p", {}, element("a", { className: "btn btn-primary", href: to, textContent: say("signIn") })));
    }
    const room = await vault.room();
    if (room.tight) place.append(element("p", { className: "late", textContent: say("tight") }));
  }
}

function count(n) {
  let shown = document.querySelector("[data-unsent-count]");
  if (!shown) {
    shown = element("a", { href: "/today/#unsent", className: "unsent-count", "data-unsent-count": "" });
    const bar = document.querySelector(".topbar-inner");
    if (!bar) return;
    bar.insertBefore(shown, bar.querySelector(".brand").nextSibling);
  }
  shown.hidden = !n;
  shown.textContent = n ? many("unsent", n) : "";
}

outbox.onChange(() => show());
