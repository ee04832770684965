"""The outside: mail servers, spreadsheets, calendars, event files, the web server."""
