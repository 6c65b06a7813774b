"""No table of its own. The module must exist: Django sends post_migrate only for apps that have one, and
`agencies.apps` waits for this app's to let the application's role use the tables."""
