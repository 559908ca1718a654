"""How Sphinx makes a site of README, docs and the documents beside README: see CONTRIBUTING.

    sphinx-build -W --keep-going -c docs . site

The source folder is the repository itself, so that links work here as they do on a code host.
"""

project = "vidstyle"
copyright = "the vidstyle authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md", "docs/*.jpg", "docs/pictures/*"]
html_theme = "furo"
html_title = "vidstyle"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3  # links to headings, as [...](page.md#heading), are checked
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the signatures tell them
linkcheck_timeout = 20
linkcheck_retries = 2
