"""Why a file cannot be read as a list."""


class UnreadableFileError(Exception):
    """The file is no list that we can read; its text is a sentence that says what to do."""

    is_for_people = True
