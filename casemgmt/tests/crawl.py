"""One page of every kind that somebody can reach by following links."""

from html.parser import HTMLParser

from django.urls import Resolver404, resolve

SET_UP = "admin:"


class _Page(HTMLParser):
    """The links of a page, and the words that a person sees or hears."""

    def __init__(self):
        super().__init__()
        self.links, self.words, self._hidden = [], [], 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("script", "style"):
            self._hidden += 1
        if tag == "a" and attrs.get("href"):
            self.links.append(attrs["href"])
        self.words += [
            attrs[name] for name in ("aria-label", "title", "alt", "placeholder") if attrs.get(name)
        ]
        if tag == "input" and attrs.get("type") in ("submit", "button"):
            self.words.append(attrs.get("value") or "")

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._hidden -= 1

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.words.append(data.strip())


def read(response):
    """The links and the visible words of a response."""
    page = _Page()
    page.feed(response.content.decode())
    return page.links, page.words


def crawl(browser, start="/"):
    """Follow links from `start`, opening each kind of page once: ({URL name: (address, visible words)}, refusals).

    The set-up in Django admin is looked at from "/admin/" alone.
    """
    waiting, seen, found, refused = [start], set(), {}, []
    while waiting:
        address = waiting.pop(0)
        try:
            name = resolve(address.partition("?")[0]).view_name
        except Resolver404:
            continue
        if (
            name in seen
            or name.startswith("account_")
            or name.startswith(SET_UP) != start.startswith("/admin/")
        ):
            continue
        seen.add(name)
        response = browser.get(address, follow=True)
        if response.redirect_chain:
            waiting.insert(0, response.redirect_chain[-1][0])
            continue
        if response.status_code != 200:
            refused.append(f"{address} answers {response.status_code}")
            continue
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        links, words = read(response)
        found[name] = (address, words)
        waiting += [link for link in links if link.startswith("/")]
        waiting += [address.partition("?")[0] + link for link in links if link.startswith("?")]
    return found, refused
