"""Options that several commands share: names, types and help texts, a module for each panel of --help."""
