"""What people do, from the first page to the last, on a real browser, server, worker and mail server."""
