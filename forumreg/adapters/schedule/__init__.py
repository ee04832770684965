"""A programme as files: the frab conference schedule in XML and JSON, and a sheet of sessions."""
