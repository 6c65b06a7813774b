"""Arithmetic of reports: which small groups to hide, and shares. Plain functions, no database.

A number about 1 to fewer than `limit` people could point to a person: it is hidden. Where one hidden number could be
worked out from the total and the others, one more is hidden with it.
"""


def is_small(people, limit):
    """Whether a group of people is too small to be shown; nobody at all is no group."""
    return 0 < people < limit


def totals(grid):
    """The grid with a column of row sums and a row of column sums."""
    rows = [[*row, sum(row)] for row in grid]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]] if rows else []


def hidden(grid, limit, people=None):
    """For a grid of counts: the grid of `totals` with True where a number must not be shown.

    `people` has the shape of the totals: how many people stand behind each number, where one may count more than once.
    Totals come first, so that tables of the same totals hide the same ones.
    """
    counts = totals(grid)
    if not counts:
        return []
    veil = [[is_small(n, limit) for n in row] for row in people or counts]
    height, width = len(counts), len(counts[0])
    rows = [[(r, c) for c in range(width)] for r in range(height)]
    columns = [[(r, c) for r in range(height)] for c in range(width)]
    lines = [rows[-1], columns[-1], *rows[:-1], *columns[:-1]]
    while any([_hide_with(line, counts, veil) for line in lines]):
        pass
    return veil


def _hide_with(line, counts, veil):
    """Hide one number more where a single hidden one follows from the others; tells whether it did."""
    if sum(veil[r][c] for r, c in line) != 1:
        return False
    *parts, total = line
    shown = [(counts[r][c], r, c) for r, c in parts if not veil[r][c] and counts[r][c]]
    r, c = min(shown)[1:] if shown else next(at for at in [total, *parts] if not veil[at[0]][at[1]])
    veil[r][c] = True
    return True


def percentile(values, share):
    """The smallest value that `share` percent of the values do not exceed (nearest rank); None without any."""
    ranked = sorted(values)
    return ranked[max(-(-len(ranked) * share // 100), 1) - 1] if ranked else None


def percent(part, whole):
    """A whole percentage; None without a whole."""
    return round(100 * part / whole) if whole else None
