"""What the model is told. The unchanging part comes first — rules, job, two worked examples — so that an engine which
keeps the prompt's prefix reads only the task anew.

The task is one message and not the interview as a chat: small models take the interviewer's turns in a chat for their
own and go on with small talk. The examples are of another trade than most, so that they are not copied.
"""

from viva_core.models.port import Message
from viva_core.models.prompts import PromptFile

from viva_question_gen.domain.checks import Check
from viva_question_gen.domain.context import AskContext, Intent

_JOB_CHARACTERS = 1_200
_ANSWER_CHARACTERS = 900
_EXCERPT_CHARACTERS = 260
_EXCERPTS = 3


def build_messages(prompt: PromptFile, context: AskContext, failed: tuple[Check, ...] = ()) -> list[Message]:
    """The chat for one try; `failed` are the checks that the try before did not pass."""
    messages = [
        Message(
            "system",
            prompt.fill(
                "system",
                position_title=context.position_title,
                job_description=_cut(context.job_description, _JOB_CHARACTERS),
            ),
        )
    ]
    for number in (1, 2):
        messages.append(Message("user", prompt.fill(f"example_{number}_task")))
        messages.append(Message("assistant", prompt.fill(f"example_{number}_question")))
    messages.append(Message("user", _task(prompt, context, failed)))
    return messages


def _task(prompt: PromptFile, context: AskContext, failed: tuple[Check, ...]) -> str:
    follows = context.intent is Intent.FOLLOW_UP and context.follow_up is not None
    lines = _follow_up(prompt, context) if follows else _main(prompt, context)
    if failed:
        faults = " ".join(prompt.fill(f"fault_{check.lower()}") for check in failed)
        lines.append(prompt.fill("again", faults=faults))
    lines.append(prompt.fill("form"))
    return "\n\n".join(lines)


def _follow_up(prompt: PromptFile, context: AskContext) -> list[str]:
    """The turns of its topic, which the last answer ends, and what was found wanting in it."""
    topic = [turn for turn in context.history if turn.competency_id == context.competency_id]
    turns = "\n".join(
        prompt.fill(
            "turn",
            question=turn.question,
            answer=_cut(turn.answer, _ANSWER_CHARACTERS) or prompt.fill("no_answer"),
        )
        for turn in topic or context.history[-1:]
    )
    return [prompt.fill("topic", turns=turns), prompt.parts[f"follow_up_{context.follow_up}"]]


def _main(prompt: PromptFile, context: AskContext) -> list[str]:
    """A new topic: what was asked, the résumé's lines that fit, the competency."""
    lines = []
    if context.history:
        lines.append(prompt.fill("asked", questions="\n".join(f"- {turn.question}" for turn in context.history)))
    excerpts = "\n".join(f"- {_cut(excerpt.text, _EXCERPT_CHARACTERS)}" for excerpt in context.excerpts[:_EXCERPTS])
    if excerpts:
        lines.append(prompt.fill("resume", excerpts=excerpts))
    lines.append(prompt.fill("main", competency=context.competency_title, description=context.competency_description))
    return lines


def _cut(text: str, characters: int) -> str:
    """The text, or its beginning up to a word's end."""
    if len(text) <= characters:
        return text.strip()
    return text[:characters].rsplit(" ", 1)[0].strip() + " …"
