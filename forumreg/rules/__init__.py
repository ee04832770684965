"""Every decision, in rooms from top to bottom; a room imports only rooms below it."""
