"""Phrases that say that there is no answer. Taken out of a text one after the other; if nothing remains, it was one."""

import re

_SOFT = (
    r"(?:(?:really|honestly|actually|just|simply|quite|frankly|sadly|currently|particularly|exactly|truly|even)\s+)*"
)
_OF_IT = (
    r"(?:\s+(?:that|this|it|one|anything|any|an?\s+(?:answer|example|case|situation)|the\s+answer(?:\s+to\s+(?:that|this))?"
    r"|of\s+(?:anything|any|one|an?\s+\w+)|what\s+to\s+(?:say|answer|tell\s+you)(?:\s+(?:to|about)\s+(?:that|this|it))?"
    r"|how\s+to\s+answer(?:\s+(?:that|this|it))?(?:\s+question)?|much\s+about\s+(?:that|this|it)|about\s+(?:that|this|it)"
    r"|right\s+now|at\s+the\s+moment|specific(?:ally)?|particular|enough|yet|either|sorry|now))*"
)
_THIS = r"(?:\s+(?:on|over))?(?:\s+(?:this|that|the|it))?(?:\s+(?:one|question|part))?"

_ENGLISH = (
    rf"\b(?:i\s+)?{_SOFT}(?:do\s+not|don't|dont|didn't|did\s+not|cannot|can't|cant|can\s+not|could\s+not|couldn't|wouldn't|"
    rf"would\s+not|won't)\s+{_SOFT}(?:know|remember|recall|say|answer|tell\s+you|tell|think|comment|understand(?:\s+the\s+question)?){_OF_IT}",
    rf"\b(?:i\s+)?(?:have|had|i've|i'd|got)?\s*{_SOFT}(?:no|not\s+(?:a|any|the\s+(?:slightest|faintest)))\s+"
    rf"(?:idea|clue|comment|answer|opinion|thoughts?|experience|examples?)(?:\s+(?:about|on|of|with|to|for))?{_THIS}",
    rf"\b(?:i'm|i\s+am)?\s*{_SOFT}not\s+(?:sure|certain){_OF_IT}",
    rf"\b(?:i(?:'ll|'d|\s+will|\s+would|'d\s+like\s+to|\s+would\s+like\s+to|\s+want\s+to|\s+prefer\s+to|\s+would\s+rather|"
    rf"\s+have\s+to|\s+must)?\s+|let\s+me\s+|can\s+(?:i|we)\s+|could\s+(?:i|we)\s+)?(?:pass|skip){_THIS}\b",
    r"\b(?:shall\s+we\s+)?(?:the\s+)?next(?:\s+(?:question|one))?\b",
    r"\b(?:nothing|none|nope|n/?a|idk|dunno|beats\s+me|whatever|nil)(?:\s+(?:comes\s+to\s+mind|in\s+particular|to\s+say|to\s+add|"
    r"at\s+all|special|really))*(?:\s+(?:at\s+the\s+moment|right\s+now|about\s+(?:that|this|it)))*\b",
    r"\b(?:it|that)\s+(?:all\s+)?depends\b",
    r"\b(?:i(?:'d)?\s+)?(?:would\s+)?(?:prefer|rather)\s+not(?:\s+to)?(?:\s+(?:say|answer))?(?:\s+(?:that|this|it))?\b",
    r"\b(?:yes|yeah|yep|no|maybe|perhaps|sorry|please|thanks|thank\s+you|honestly|actually|well|okay|ok|so|but|and|to\s+be\s+honest|"
    r"frankly|i'm\s+afraid|i\s+am\s+afraid|i\s+think|i\s+guess|unfortunately|good\s+question|that\s+is|that's|a|great|hello|hi|right|just|now|i)\b",
)

_KO_ADVERB = (
    r"(?:(?:잘|정말|진짜|솔직히|전혀|아직|별로|딱히|특별히|따로|사실|지금은?|당장은?|도무지|크게|무엇을|뭐라고|뭘|어떻게)"
    r"\s*)*"
)
_KO_END = r"(?:\S{0,6})"

_KOREAN = (
    r"(?:이|그|해당|이번|저)\s*(?:질문|부분|문제|내용|점|것|거)(?:은|는|을|를|에|도|이|에는|에서는|으로는|만)?(?:\s*(?:대해|대해서|관해|관해서|대한)(?:는|선|서는)?)?",
    r"(?:그건|이건|그거는|이거는|거기에\s*대해서는?|그에\s*대해서는?|그\s*부분은|뭐라고|무엇을|어떻게|어떤\s*답을)",
    rf"{_KO_ADVERB}(?:말씀|말|답|답변|대답)(?:을|은|이)?\s*(?:드려야|해야|하면|드리면)?\s*(?:할지|좋을지|될지)?\s*(?:잘\s*)?모르{_KO_END}",
    rf"{_KO_ADVERB}(?:드려야|해야|답해야|말해야|말씀드려야)\s*할지\s*(?:잘\s*)?모르{_KO_END}",
    rf"{_KO_ADVERB}(?:모르{_KO_END}|모릅니다|모름|몰라{_KO_END}|몰랐{_KO_END}|모를{_KO_END})",
    rf"{_KO_ADVERB}(?:생각|기억)(?:이|은|도)?\s*(?:잘\s*|전혀\s*)?(?:안\s*(?:나|납|남){_KO_END}|나지\s*않{_KO_END}|나는\s*(?:것|게|건|거)?(?:이|은|가)?\s*없{_KO_END}|없{_KO_END})",
    rf"{_KO_ADVERB}떠오르(?:지\s*않{_KO_END}|는\s*(?:것|게|건|거|사례|경험)?(?:이|은|가)?\s*없{_KO_END})",
    rf"{_KO_ADVERB}(?:드릴|할)\s*(?:말씀|말|얘기|이야기)(?:이|은|도)?\s*없{_KO_END}",
    rf"{_KO_ADVERB}(?:경험|사례|의견|답|답변|생각|것|거|게)(?:이|은|도|은요)?\s*없{_KO_END}",
    rf"(?:이만\s*|그냥\s*)?(?:넘어가|넘어갈|넘기|건너뛰|건너뛸|패스|스킵)(?:겠{_KO_END}|ㄹ게{_KO_END}|고\s*싶{_KO_END}|도\s*될{_KO_END}|하겠{_KO_END}|할게{_KO_END}|요|까요|게요|입니다|{_KO_END})",
    r"다음\s*(?:질문|것|거|문제)?(?:으로|을|로|를)?\s*(?:부탁\S*|넘어가\S*|주세요|주십시오|해\s*주세요|가시죠)?",
    rf"(?:답변?|대답|말씀|말)(?:을|를|은)?\s*(?:드리기|하기|해\s*드리기)?\s*(?:가\s*|는\s*)?(?:어렵{_KO_END}|어려울{_KO_END}|못\s*하겠{_KO_END}|힘들{_KO_END}|곤란{_KO_END})",
    rf"상황에\s*따라\s*다(?:르|릅|를){_KO_END}(?:\s*않을까요)?",
    rf"{_KO_ADVERB}없(?:습니다|어요|네요|음|다|는데요|는\s*것\s*같{_KO_END})",
    r"(?:것|거)\s*같(?:습니다|아요|네요)",
    r"(?:^|(?<=\s))(?:솔직히|사실|글쎄요?|죄송합니다만?|죄송하지만|죄송해요|미안합니다|네|예|아니요|아니오|감사합니다|음|잘|좋은|질문이네요|정말|딱히|특별히|별로|저는|제가|저도|아직|그냥|지금은?|그건|혹시|안타깝게도|아마|전혀|부탁드립니다)(?=$|[\s.,!?…])",
)

NON_ANSWERS = tuple(re.compile(pattern) for pattern in (*_ENGLISH, *_KOREAN))
"""Longest meanings first; hesitation is `lexicon.HESITATIONS`."""
