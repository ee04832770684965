"""Event registration for forums and peer-learning workshops."""
