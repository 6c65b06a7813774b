"""How a row that came from a directory's feed takes in what the feed says later."""

import hashlib
import json

from django.db import models

from casemgmt.agencies.models.agency import FromElsewhere


def fingerprint(value):
    """Eight hex digits by which a value of a feed is known again."""
    return hashlib.blake2b(json.dumps(value, default=str).encode(), digest_size=4).hexdigest()


class FromFeed(FromElsewhere):
    """A row that a feed of a directory may keep up: `as_imported` tells what the feed said last, field by field.

    A field is overwritten only where the feed itself says something new, so that what a colleague mended stays.
    """

    as_imported = models.JSONField(default=dict, editable=False)

    class Meta(FromElsewhere.Meta):
        abstract = True

    def take_in(self, said):
        """Take over what the feed says, {field: value}; the fields that are now different."""
        changed = []
        for name, value in said.items():
            mark = fingerprint(value)
            if self.as_imported.get(name) == mark:
                continue
            self.as_imported[name] = mark
            if getattr(self, name) != value:
                setattr(self, name, value)
                changed.append(name)
        return changed
