"""What every test starts from. pytest.ini loads this plugin before Django reads its settings."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

# The settings under test do not depend on the .env file of whoever runs them.
os.environ.update(DEBUG="off", HTTPS="off", SECRET_KEY="only-for-tests", LANGUAGE_CODE="en-us")

IN_CI = os.environ.get("CI") == "true"
NO_BROWSER = "NOT RUN: browser"
# What htmx says where a page is left while it still asks; a refusal has an event of its own.
LEFT = ("htmx:sendAbort", "htmx:afterRequest")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_configure(config):
    from django.conf import settings

    scratch = tempfile.TemporaryDirectory(prefix="casemgmt-tests-")
    config.add_cleanup(scratch.cleanup)
    # Argon2 takes half a second.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    # Hashed file names need collectstatic, which live_server does not do.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = Path(scratch.name, "static")  # WhiteNoise warns if it is missing
    settings.MEDIA_ROOT = Path(scratch.name, "media")
    settings.STATIC_ROOT.mkdir()
    settings.MEDIA_ROOT.mkdir()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if item.get_closest_marker("postgres") and not on_postgres():
        pytest.skip("needs PostgreSQL")
    if item.get_closest_marker("browser") and not find_chromium():
        if IN_CI:
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)


def on_postgres():
    from django.db import connection

    return connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def _empty_cache():
    """Rate limits and other memories of one test are not those of the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(scope="session")
def sample_data():
    """The folder of real exports that we do not ship."""
    folder = os.environ.get("CASEMGMT_SAMPLE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("CASEMGMT_SAMPLE_DATA names no folder")
    return Path(folder)


# --- The cast -------------------------------------------------------------------------------------------------------


@pytest.fixture
def cast(db):
    """Two agencies and everybody who works there; people to serve come from casemgmt/demo/builders.py."""
    from casemgmt.demo.cast import build_cast

    return build_cast()


@pytest.fixture
def as_(cast):
    """`as_("wendy")`: a browser in which she has signed in and chosen her job."""
    from django.test import Client

    def sign_in(name):
        person = getattr(cast, name)
        browser = Client()
        browser.force_login(getattr(person, "user", person))
        return browser

    return sign_in


# --- Browser --------------------------------------------------------------------------------------------------------
# A browser test is marked `browser` and takes `phone` or `desktop`: a page of the running product, nobody signed in.
# It fails on whatever the browser complains of: errors on the console or in scripts, what the content security
# policy refused, requests to other hosts. A test that provokes a 403 or 404 on purpose says `complaints.clear()`.


def find_chromium():
    names = [os.environ.get("CASEMGMT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, (shutil.which(name) for name in names if name)), None)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def phone(request, chromium, live_server, complaints):
    device = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    yield from open_page(request, chromium, live_server, complaints, device)


@pytest.fixture
def desktop(request, chromium, live_server, complaints):
    device = {"viewport": {"width": 1366, "height": 768}}
    yield from open_page(request, chromium, live_server, complaints, device)


def open_page(request, chromium, live_server, complaints, device):
    ours = (live_server.url, "data:", "blob:", "about:")
    context = chromium.new_context(
        base_url=live_server.url, locale="en-US", reduced_motion="reduce", **device
    )
    context.set_default_timeout(10_000)
    context.set_default_navigation_timeout(20_000)

    def on_console(message):
        url = message.location.get("url", "")
        # That a session has ended is how a device learns to wait with what it holds.
        told = "/device/" in url and "401" in message.text
        if message.type == "error" and not told and not message.text.startswith(LEFT):
            complaints.append(f"console: {message.text} ({url})")

    def on_request(asked):
        if not asked.url.startswith(ours):
            complaints.append(f"request to another host: {asked.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: complaints.append(f"error: {error.error}"))
    context.on("request", on_request)
    page = context.new_page()
    failed_before = request.session.testsfailed
    yield page
    if complaints or request.session.testsfailed > failed_before:
        take_picture(page, f"{request.node.name}-{request.fixturename}")
    context.close()
    assert not complaints, "the page complained:\n" + "\n".join(complaints)


def take_picture(page, name):
    folder = Path(__file__).resolve().parents[2] / ".shots"
    page.screenshot(path=folder / (re.sub(r"\W+", "-", name) + ".png"), full_page=True)


def axe(page, context=None):
    """No barrier that axe can find, by WCAG 2.2 A and AA, on the page or in the part `context` selects."""
    from axe_playwright_python.sync_playwright import Axe

    # Without preload axe fetches no style sheets of its own, which the admin's policy would refuse.
    options = {
        "runOnly": {"type": "tag", "values": WCAG},
        "resultTypes": ["violations"],
        "preload": False,
    }
    found = Axe().run(page, context=context, options=options).response["violations"]
    lines = [
        f"{violation['id']}: {violation['help']}\n    {node['html']}\n    {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]
    assert not found, f"{page.url}\n" + "\n".join(lines)
