"""The command line: one file a command; turns arguments into a job, and errors into exit codes."""
