"""`python -m vidstyle`, for where the installed command is not on the path."""

from vidstyle.cli.main import main

main()
