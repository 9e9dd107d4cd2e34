"""What Sphinx is told. docs/website.py copies this file beside the pages that it puts together."""

from __future__ import annotations

import re

from xendit.version import __version__

project = "xendit-sdk"
author = "The xendit-sdk authors"
project_copyright = author
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
source_suffix = {".md": "markdown"}

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
default_role = "code"

suppress_warnings = [
    "ref.python",  # a name that a package gives on from its module is found twice
    "myst.header",  # tables that are written by the benchmark begin at the third level
]
html_use_index = False
html_domain_indices = False

html_theme = "furo"
html_title = "xendit-sdk"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "sidebar_hide_name": False,
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#7db7f5", "color-brand-content": "#7db7f5"},
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
pygments_style = "default"  # each of its colours can be read on its ground: a contrast of 4.5 and more
pygments_dark_style = "monokai"


def _as_it_is_meant(_app: object, what: str, _name: str, _of: object, _options: object, lines: list[str]) -> None:
    """Make docstrings, which are written for whoever reads the source, into pages.

    Of a module's docstring the first paragraph is kept: the others explain the source, with drawings. An attribute's may
    have a colon, which napoleon would take for the end of a type: it looks at the first line alone, and is given an empty
    comment. Pages become links.
    """
    if what == "module" and "" in lines:
        del lines[lines.index("") :]
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]
    lines[:] = [re.sub(r"docs/(\w+)\.md", r"`\1 <../../\1.html>`__", line) for line in lines]


def setup(app: object) -> None:
    """Called by Sphinx."""
    # Before napoleon, whose priority is 500.
    app.connect("autodoc-process-docstring", _as_it_is_meant, priority=400)  # type: ignore[attr-defined] # any object
