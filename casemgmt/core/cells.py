"""Text in the cells of a spreadsheet: on the way out never a formula, on the way in what it was before."""

import re

# A spreadsheet would take a cell that begins with one of these for a formula; some read the wide forms, too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")
_SIGNS = re.escape("".join(FORMULA))
# Also what looks guarded already: else `plain` would take away a quotation mark that was never put there.
_RISKY = re.compile(f"'*[{_SIGNS}]")
_GUARDED = re.compile(f"'+[{_SIGNS}]")


def safe(value):
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    text = "" if value is None else value
    return f"'{text}" if isinstance(text, str) and _RISKY.match(text) else text


def plain(text):
    """The cell as it was before `safe`: without the one guard, if it has one."""
    return text[1:] if _GUARDED.match(text) else text
