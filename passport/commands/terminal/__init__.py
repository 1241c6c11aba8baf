"""What the commands share: options, output, exit codes, languages, and the layout of text in a terminal."""
