"""What holds for all tests."""

import signal

# A shell starts its background jobs with Ctrl-C ignored, children inherit that, and Python then leaves it
# so: commands that tests interrupt would go on. Any handler set here is the default one in a child.
signal.signal(signal.SIGINT, signal.default_int_handler)
