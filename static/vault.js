// What a device keeps of one person: sealed under a key of theirs that never leaves the browser.
//
// IndexedDB "casemgmt": people {id, key, signedIn, days}, sealed {person, kind, name, iv, data, at}, device {name, person}.
// Nobody's rows but those of the person who is open are ever read. docs/decisions/0012 says what this guards against.

const DAY = 86400000;
export const able = Boolean(globalThis.indexedDB && globalThis.crypto?.subtle);

let opened;
let person = null; // {id, key, signedIn, days} once somebody is open

function base() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("casemgmt", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("people", { keyPath: "id" });
      const sealed = asked.result.createObjectStore("sealed", { keyPath: ["person", "kind", "name"] });
      sealed.createIndex("of", ["person", "kind"]);
      asked.result.createObjectStore("device", { keyPath: "name" });
    };
    asked.onsuccess = () => {
      // Somebody clears the site's data: let go, and open it anew when it is asked for.
      asked.result.onversionchange = () => {
        asked.result.close();
        opened = undefined;
      };
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

// One transaction; `work` starts its requests at once and gives back the one whose result is wanted.
async function inside(stores, mode, work) {
  const db = await base();
  return new Promise((resolve, reject) => {
    // Strict: what is said to be kept survives a dead battery.
    const change = db.transaction(stores, mode, { durability: "strict" });
    let last;
    change.oncomplete = () => resolve(last?.result);
    change.onerror = change.onabort = () => reject(change.error);
    last = work(change);
  });
}

// A value that is a person's own may be long: everything between these two keys.
const all = (id) => IDBKeyRange.bound([id], [id, []]);

export const current = () => person?.id ?? null;

// --- Who is at work ----------------------------------------------------------------------------------------------------

// On a page that the server made: this person signed in then.
export async function enter(id, signedIn, days) {
  await expire();
  let row = await inside("people", "readonly", (t) => t.objectStore("people").get(id));
  if (!row) {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    row = { id, key, signedIn, days };
  }
  row.signedIn = Math.max(row.signedIn, signedIn);
  row.days = days;
  await inside(["people", "device"], "readwrite", (t) => {
    t.objectStore("device").put({ name: "current", person: id });
    // Two tabs may have made two keys: the first one stands, and is read again below.
    const people = t.objectStore("people");
    const there = people.get(id);
    there.onsuccess = () => people.put({ ...row, key: there.result?.key ?? row.key });
  });
  person = await inside("people", "readonly", (t) => t.objectStore("people").get(id));
  return person;
}

// Without a network: whoever was at work here last, if it is not too long ago.
export async function reopen() {
  await expire();
  const now = await inside("device", "readonly", (t) => t.objectStore("device").get("current"));
  person = now ? ((await inside("people", "readonly", (t) => t.objectStore("people").get(now.person))) ?? null) : null;
  return person;
}

// The device is handed to somebody else: what it keeps stays, and nobody is at work here.
export async function leave() {
  await inside("device", "readwrite", (t) => t.objectStore("device").delete("current"));
  person = null;
}

// Key, drafts and copies of whoever signed in too long ago.
export async function expire() {
  const people = (await inside("people", "readonly", (t) => t.objectStore("people").getAll())) ?? [];
  for (const row of people) {
    if (Date.now() - row.signedIn > row.days * DAY) await wipe(row.id);
  }
}

export async function wipe(id = current()) {
  if (!id) return;
  await inside(["people", "sealed", "device"], "readwrite", (t) => {
    t.objectStore("sealed").delete(all(id));
    t.objectStore("people").delete(id);
    const device = t.objectStore("device");
    const now = device.get("current");
    now.onsuccess = () => now.result?.person === id && device.delete("current");
  });
  if (person?.id === id) person = null;
}

// --- What they keep ----------------------------------------------------------------------------------------------------

const place = (kind, name) => new TextEncoder().encode(JSON.stringify([person.id, kind, name]));

export async function put(kind, name, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(value));
  const { id, key } = person;
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: place(kind, name) }, key, text);
  await inside(["people", "sealed"], "readwrite", (t) => {
    // Whoever signed out in another tab has no key any more: nothing is written for them.
    const there = t.objectStore("people").getKey(id);
    there.onsuccess = () =>
      there.result ? t.objectStore("sealed").put({ person: id, kind, name, iv, data, at: Date.now() }) : t.abort();
  });
}

async function unseal(row) {
  const { iv, data, kind, name } = row;
  const open = { name: "AES-GCM", iv, additionalData: place(kind, name) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(open, person.key, data)));
}

export async function get(kind, name) {
  if (!person) return null;
  const row = await inside("sealed", "readonly", (t) => t.objectStore("sealed").get([person.id, kind, name]));
  return row ? unseal(row) : null;
}

export async function list(kind) {
  if (!person) return [];
  const range = IDBKeyRange.only([person.id, kind]);
  const rows = await inside("sealed", "readonly", (t) => t.objectStore("sealed").index("of").getAll(range));
  const values = [];
  for (const row of rows) {
    // A row that cannot be read any more stands in nobody's way.
    values.push(await unseal(row).catch(() => null));
  }
  return values.filter(Boolean);
}

export async function names(kind) {
  if (!person) return [];
  const range = IDBKeyRange.only([person.id, kind]);
  const keys = await inside("sealed", "readonly", (t) => t.objectStore("sealed").index("of").getAllKeys(range));
  return keys.map((key) => key[2]);
}

export const drop = (kind, name) =>
  person && inside("sealed", "readwrite", (t) => t.objectStore("sealed").delete([person.id, kind, name]));

// The name of a page's copy: an address says which record it was.
export async function nameOf(path) {
  const text = new TextEncoder().encode(`${person.id} ${path}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- Room ---------------------------------------------------------------------------------------------------------------

export async function room() {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return { usage, quota, tight: quota > 0 && (usage / quota > 0.8 || quota - usage < 5_000_000) };
}

export const stay = () => navigator.storage?.persist?.();
