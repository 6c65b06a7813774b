// The words that the server wrote into the page for scripts, and what is built with them.

const words = document.querySelector("#device-words")?.dataset ?? {};

export const say = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), words[name] ?? "");

export const many = (name, n) => say(n === 1 ? `${name}One` : `${name}Many`, { n });

const language = document.documentElement.lang || undefined;
export const time = (at) => {
  const day = new Date(at);
  const clock = day.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  if (day.toDateString() === new Date().toDateString()) return clock;
  return `${day.toLocaleDateString(language, { day: "numeric", month: "short" })} ${clock}`;
};

export function element(tag, properties = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made && name !== "role") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}

export const button = (text, act, look = "btn-secondary") =>
  element("button", { type: "button", className: `btn ${look}`, textContent: text, onclick: act });
