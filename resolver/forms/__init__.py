"""The forms of an answer: which one a request asks for, and how each is written. Pure."""
