"""Settings of the documentation."""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "extensions"), str(HERE.parent)]  # so that it builds whether keystay is installed or not

project = "Keystay"
author = "The Keystay authors"
copyright = "2026, The Keystay authors"
release = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
version = release

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "settings_tables"]
exclude_patterns = ["_build", "jupyter_execute"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
myst_update_mathjax = False
nb_execution_mode = "off"  # the tests execute the notebooks
html_math_renderer = "mathml"  # drawn by the browser itself, so that pages need no network

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "groupwise"
autodoc_default_options = {"members": True, "undoc-members": False}
napoleon_google_docstring = True
napoleon_use_ivar = True  # a documented attribute is listed once

html_theme = "furo"
html_title = f"Keystay {release}"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
