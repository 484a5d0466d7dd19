"""Chat templates as model makers write them."""

from viva_core.models import Message
from viva_core.models.catalogue import catalogue
from viva_core.models.chat import ChatTemplate

CHAT = (Message("system", "Judge."), Message("user", "Hello {{ messages }}"))
STRICT = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% endif %}{% endfor %}"
)


def spell(template: ChatTemplate, *messages: Message) -> str:
    """The prompt, with what the template wrote in angle quotes."""
    pieces: list[str] = []

    def tokenise(text: str, special: bool) -> list[int]:
        pieces.append(f"«{text}»" if special else text)
        return []

    template.tokens(messages, tokenise)
    return "".join(pieces)


def test_contents_are_text_and_the_rest_is_the_templates() -> None:
    template = ChatTemplate("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}", bos="", eos="")
    assert spell(template, *CHAT) == "«<system>»Judge.«<user>»Hello {{ messages }}"


def test_a_template_without_a_system_role_gets_it_with_the_first_user() -> None:
    template = ChatTemplate(STRICT, bos="<s>", eos="</s>")
    assert spell(template, *CHAT) == "«<s>[INST] »Judge.\n\nHello {{ messages }}« [/INST]»"


def test_solars_template() -> None:
    text = catalogue().get("solar-10.7b-instruct-q8_0").chat_template
    assert text is not None
    expected = "«### System:\n»Judge.«\n\n### User:\n»Hello {{ messages }}«\n\n### Assistant:\n»"
    assert spell(ChatTemplate(text, bos="", eos=""), *CHAT) == expected
