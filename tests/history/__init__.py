"""The history: every deed in the dashboard has a line, and nobody changes one."""
