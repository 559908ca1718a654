"""`vidstyle studio`: a page in the browser where a clip and a style are tried out and painted."""
