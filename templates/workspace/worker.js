{% load static %}// The worker of the service: an empty shell and the files it needs. It never keeps a page with records.

const FILES = [{% for file in files %}"{% static file %}", {% endfor %}];
const SHELL = "/offline/";
const NAME = "casemgmt-{{ version }}";

addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(NAME).then(async (cache) => {
      await cache.addAll(FILES);
      // Without cookies: the shell that is kept is nobody's.
      await cache.put(SHELL, await fetch(new Request(SHELL, { credentials: "omit", cache: "reload" })));
      await skipWaiting();
    }),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      await Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)));
      await clients.claim();
    }),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(SHELL)));
  } else if (request.method === "GET" && FILES.includes(address.pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(address.pathname)));
  }
});
