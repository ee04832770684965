"""Tests: their names are sentences, and the folders are those of the package."""
