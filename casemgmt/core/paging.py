"""Pages by moment: the next page begins before the last moment shown."""


def cut(rows, limit, moment):
    """The first `limit` of rows sorted by `moment`, and whether there are more.

    The page ends where the moment changes: rows of one moment stay together, or the next page would miss some. Only
    where one moment alone fills the page are all of its rows shown.
    """
    if len(rows) <= limit:
        return rows, False
    edge = moment(rows[limit])
    page = [row for row in rows[:limit] if moment(row) != edge] or [
        row for row in rows if moment(row) == edge
    ]
    return page, len(page) < len(rows)
