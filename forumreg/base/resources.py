"""Where the files lie that are not Python: templates, static files, catalogues."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent
INSTALLED = PACKAGE / "_resources"  # hatch_build.py puts them here


def resource_folder(name: str) -> Path:
    """Return the folder `templates`, `static` or `translations` of this installation.

    A wheel carries them inside the package; a checkout, and an editable install of it, keeps them at its top.

    Raises:
        FileNotFoundError: neither place has the folder, so the installation is not whole.
    """
    for place in (INSTALLED, CHECKOUT):
        folder = place / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"forumreg is not installed completely: no folder '{name}' was found.")
