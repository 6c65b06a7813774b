"""How static files are named where the site is served."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django can do this for every script, but stumbles over what django_htmx ships: so for our own modules, by name.
MODULES = ("device.js", "keep.js", "outbox.js", "shell.js", "unsent.js", "visit.js")
IMPORTED = (r"""(?P<matched>from "(?P<url>\./[a-z]+\.js)")""", 'from "%(url)s"')


class HashedModules(CompressedManifestStaticFilesStorage):
    """What a script module imports is asked for by its hashed name, too, so that no page mixes two releases."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((name, (IMPORTED,)) for name in MODULES),
    )
