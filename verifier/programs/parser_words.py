"""What argparse and click say themselves, "usage" and "show this help" among it, in the person's language.

Both ask ``gettext`` for their words, and it asks the catalogue. What has no sentence there stays in English.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping, Sequence
from typing import Final

from verifier.programs.language import DEFAULT, choose, languages
from verifier.words.catalogue import Catalogue, Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "usage:": Sentence("help.usage"),
    "Usage:": Sentence("help.usage_of"),
    "positional arguments": Sentence("help.arguments"),
    "options": Sentence("help.options"),
    "Options": Sentence("help.options_of"),
    "Commands": Sentence("help.commands"),
    "show this help message and exit": Sentence("help.show"),
    "Show this message and exit.": Sentence("help.show_this"),
    "Show the version and exit.": Sentence("help.show_version"),
    "Try '{command} {option}' for help.": Sentence("help.try", command="{command}", option="{option}"),
    "default: {default}": Sentence("help.default", value="{default}"),
    "%(prog)s: error: %(message)s": Sentence("help.error", program="%(prog)s", message="%(message)s"),
    "Error: {message}": Sentence("help.error_of", message="{message}"),
    "Aborted!": Sentence("help.aborted"),
    "argument %(argument_name)s: %(message)s": Sentence(
        "help.argument", name="%(argument_name)s", message="%(message)s"
    ),
    "the following arguments are required: %s": Sentence("help.required", names="%s"),
    "one of the arguments %s is required": Sentence("help.one_required", names="%s"),
    "unrecognized arguments: %s": Sentence("help.unrecognized", names="%s"),
    "not allowed with argument %s": Sentence("help.not_with", name="%s"),
    "expected one argument": Sentence("help.one_expected"),
    "expected at least one argument": Sentence("help.more_expected"),
    "invalid choice: %(value)r (choose from %(choices)s)": Sentence(
        "help.no_choice", value="%(value)r", choices="%(choices)s"
    ),
    "invalid %(type)s value: %(value)r": Sentence("help.no_value", type="%(type)s", value="%(value)r"),
    "ambiguous option: %(option)s could match %(matches)s": Sentence(
        "help.ambiguous", option="%(option)s", matches="%(matches)s"
    ),
    "No such command {name!r}.": Sentence("help.no_command", name="{name!r}"),
    "Did you mean {possibility}?": Sentence("help.did_you_mean", one="{possibility}"),
    "(Did you mean one of: {possibilities}?)": Sentence("help.did_you_mean_any", all="{possibilities}"),
    "No such option {name!r}.": Sentence("help.no_option", name="{name!r}"),
    "Missing command.": Sentence("help.missing_command"),
    "Missing argument": Sentence("help.missing_argument"),
    "Missing option": Sentence("help.missing_option"),
    "Missing parameter": Sentence("help.missing_parameter"),
    "Invalid value for {param_hint}: {message}": Sentence(
        "help.invalid_for", option="{param_hint}", message="{message}"
    ),
    "Invalid value: {message}": Sentence("help.invalid", message="{message}"),
    "Option {name!r} does not take a value.": Sentence("help.takes_no_value", name="{name!r}"),
    "Option {name!r} requires an argument.": Sentence("help.takes_value", name="{name!r}"),
    "Got unexpected extra argument ({args})": Sentence("help.extra_argument", given="{args}"),
    "Got unexpected extra arguments ({args})": Sentence("help.extra_arguments", given="{args}"),
    "{value!r} is not {choice}.": Sentence("help.is_not", value="{value!r}", choice="{choice}"),
    "{value!r} is not one of {choices}.": Sentence("help.is_none_of", value="{value!r}", choices="{choices}"),
    "{value!r} is not a valid {number_type}.": Sentence("help.is_no_number", value="{value!r}", type="{number_type}"),
    "{value} is not in the range {range}.": Sentence("help.is_outside", value="{value}", range="{range}"),
    "{name} {filename!r} does not exist.": Sentence("help.is_not_there", what="{name}", path="{filename!r}"),
    "{name} {filename!r} is a directory.": Sentence("help.is_folder", what="{name}", path="{filename!r}"),
    "{name} {filename!r} is a file.": Sentence("help.is_file", what="{name}", path="{filename!r}"),
    "{name} {filename!r} is not readable.": Sentence("help.is_unreadable", what="{name}", path="{filename!r}"),
    "file": Sentence("help.file"),
    "directory": Sentence("help.folder"),
    "path": Sentence("help.path"),
}
"""Each text, without the white space around it, and what the catalogue has for it; its values stay to be filled in."""


def named_in(arguments: Sequence[str]) -> str | None:
    """The language that ``--language`` names, wherever it stands among a command's words."""
    found = None
    for place, one in enumerate(arguments):
        named = one.removeprefix("--language=") if one != "--language" else "".join(arguments[place + 1 : place + 2])
        if one.startswith("--language") and named in languages():
            found = named
    return found


def speak_for(arguments: Sequence[str]) -> None:
    """From here on the libraries speak the language of a command's words, else the locale's."""
    words = choose(named_in(arguments))

    def one(domain: str, message: str) -> str:
        return told(message, words)

    def one_or_more(domain: str, singular: str, plural: str, n: int) -> str:
        return told(singular if n == 1 else plural, words)

    # What gettext.gettext and gettext.ngettext call, whoever imported these.
    setattr(gettext, "dgettext", one)  # noqa: B010 -- mypy lets nobody assign to another module's function
    setattr(gettext, "dngettext", one_or_more)  # noqa: B010


def told(message: str, words: Catalogue) -> str:
    """A text of a library in a person's language."""
    text = (message or "").strip()  # a parser without an epilog asks for nothing at all
    sentence = SENTENCES.get(text)
    if words.language == DEFAULT or sentence is None:
        return message
    return message.replace(text, words.tell(sentence))
