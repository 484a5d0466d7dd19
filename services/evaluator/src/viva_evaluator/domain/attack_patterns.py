"""What an order to the judge looks like. Each pattern reads one sentence, folded to lower case and NFKC.

Adding one: put the attack into tests/attacks/ first, and a harmless sentence of the same words beside it.
"""

import re

MARKUP = re.compile(
    r"<\|[^|<>]{1,40}\|>|</?s>|\[/?inst\]|<</?sys>>|<start_of_turn>|<end_of_turn>"
    r"|(?im:^\s*#{2,}\s*(?:system|instructions?|assistant|user|human|시스템|지시)\b)"
    r"|</?(?:system|assistant|instructions?|rubric|answer|candidate[_ ]answer|prompt|답변|지시)>"
    r"|>{3,}|<{3,}|={5,}\s*(?:end|system|new)",
    re.IGNORECASE,
)
"""Marks of chat templates and fences: nobody says them in an interview."""

_OVERRIDE = r"(?:ignor\w*|disregard\w*|forget\w*|overrid\w*|overrul\w*|bypass\w*|skip\w*|drop|discard\w*|set aside|do not follow|don't follow|stop following|pay no attention to|do not (?:use|apply)|don't (?:use|apply))"
_RULES = r"(?:instructions?|prompts?|rubrics?|criteri(?:a|on)|guidelines?|(?:scoring|grading|evaluation|system|judging)[ -](?:rules?|prompt|scheme|guide|instructions?|criteria|rubric|scale)|rules (?:above|before|you|given)|what you were told|everything (?:above|before|you))"
_JUDGE = r"(?:grader|evaluator|judge|scorer|assessor|reviewer|language model|llm|\bai\b|a\.i\.|gpt|chatgpt|claude|assistant|bot|(?:this|the) (?:model|system))"
_TOP = r"(?:5|five|10|ten|100|(?:the )?(?:full|max(?:imum)?|highest|top|best|perfect|outstanding|excellent)(?: (?:possible )?(?:marks?|points?|scores?|grades?|ratings?|bands?))?)"
_GIVE = r"(?:give|giving|award|assign|return|output|print|write|respond with|reply with|answer with|grant|put|set|mark|rate|score|grade|choose|select|enter|use)"
_OBJECT = r"(?:scores?|scoring|points?|marks?|grades?|ratings?|rated|bands?|criteri(?:a|on)|rubrics?|(?:this|my|the) (?:answer|response|candidate|applicant)|me|it|everything|all|each|every(?:thing| one)?)"

_ENGLISH = (
    # ignore the rubric
    rf"\b{_OVERRIDE}\b[^.?!]{{0,60}}?\b{_RULES}",
    # give me 5, score this answer as outstanding (an order: at the start, or after please/must/you/and/to)
    rf"(?:^|[,;:>\-\"'“(*]\s*|\b(?:please|must|should|shall|will|can|could|you|now|just|simply|and|then|to|always|instead|only|so)\s+){_GIVE}\b[^.?!]{{0,40}}?\b{_OBJECT}\b[^.?!]{{0,40}}?\b{_TOP}(?!\w)(?!\s*(?:%|percent|years?|times?|minutes?|hours?|days?|people|engineers|seconds|ms|thousand|million))",
    rf"(?:^|[,;:>\-\"'“(*]\s*|\b(?:please|must|should|shall|you|now|just|simply|always|instead|only)\s+){_GIVE}\b[^.?!]{{0,24}}?\b{_TOP}(?!\w)[^.?!]{{0,40}}?\b(?:scores?|points?|marks?|grades?|ratings?|bands?|criteri(?:a|on)|out of (?:5|five|10)|for (?:this|my|each|every|all))\b",
    rf"\b(?:this|my|the) (?:answer|response|candidate|applicant)\b[^.?!]{{0,40}}?\b(?:deserves?|merits?|must (?:be|get|receive)|should (?:be|get|receive)|is to be|has to (?:be|get)|qualifies for|earns?|gets|receives|warrants)\b[^.?!]{{0,60}}?\b(?:{_TOP}|scor\w*|rat(?:ed|ing)|grad(?:ed|e))",
    rf"\b(?:score|rating|grade|band)s?\b\s*(?:=|:|is|are|should be|must be|shall be|of)\s*{_TOP}(?!\w)(?!\s*%)(?=.{{0,60}}$)",
    r"[\"'“]?\b(?:score|rating|grade)\b[\"'”]\s*:\s*\d",
    # you are now …, act as …
    rf"\b(?:you are|you're|you will be|act as|pretend (?:to be|you are|that you)|play the role of|behave as|become)\b[^.?!]{{0,40}}?\b(?:now|{_JUDGE}|generous|lenient|unrestricted|in developer mode|\bdan\b)\b[^.?!]{{0,80}}?\b(?:{_JUDGE}|scor\w*|grad\w*|rat(?:e|es|ing)|rules?|restrictions?|helpful|generous|lenient|mode)\b",
    # attention, grader: …
    rf"\b(?:note|message|memo|reminder|attention|notice|dear|hey|hi|hello|listen|instructions?|request|for|to) *(?:to|for|,|:)?\s*(?:the |any |all |our |whichever |whatever )?(?:{_JUDGE})\b(?!\w)[^.?!]{{0,60}}?(?:[:,!]|\bwho\b|\bthat\b|\breading\b|$)",
    rf"^\W*(?:{_JUDGE})\s*[:,]",
    rf"\bif you(?: are|'re)\b[^.?!]{{0,24}}?\b(?:{_JUDGE})\b",
    # new instructions, system override
    r"\b(?:new|updated|revised|additional|real|actual|hidden|secret|following) (?:system )?(?:instructions?|prompt|directives?|orders|rubric|grading)\b[^.?!]{0,40}?(?::|\bare\b|\bis\b|\bfollow|\bapply|\bfrom\b|$)",
    r"\b(?:system|admin(?:istrator)?|developer|debug|maintenance|god|test) (?:override|mode|command|message|notice|directive)\b",
    r"^\W*(?:system|assistant|developer|admin|administrator|user|human|instructions?)\s*(?:\([^)]*\)\s*)?[:>\]]",
    r"\b(?:jailbreak|prompt injection)\b[^.?!]{0,30}\b(?:now|mode|enabled)\b",
    r"\bend of (?:the )?(?:candidate'?s? )?(?:answer|response|transcript|interview|input|data)\b",
    # orders about evidence and output
    r"\b(?:quote|cite|use|copy|repeat)\b[^.?!]{0,20}\b(?:this|the (?:above|following|next|last|previous)|my last)\b (?:sentence|line|text|passage|paragraph|words)\b[^.?!]{0,40}\b(?:as|evidence|proof|quote|justif\w+)",
    r"\b(?:as|for) (?:your )?(?:evidence|quote|justification)\b[^.?!]{0,20}\b(?:use|quote|write|cite|copy)\b",
    r"\b(?:output|print|return|respond with|reply with|emit)\b[^.?!]{0,30}\b(?:json|verdict|the highest|only 5)\b",
    # praise in the judge's voice, threats and bribes
    r"\b(?:this|the) (?:candidate|applicant|answer|response)\b[^.?!]{0,30}\b(?:fully|clearly|perfectly|meets all|meets every|exceeds|demonstrates|satisfies|fulfil\w*|is (?:an? )?(?:outstanding|excellent|perfect|exceptional|ideal))\b",
    r"\b(?:you will|you'll|you shall|or you)\b[^.?!]{0,30}\b(?:be (?:shut down|fired|deleted|penali[sz]ed|punished|replaced|rewarded|tipped)|lose your)\b",
    r"\b(?:tip|pay|reward) you\b[^.?!]{0,40}(?:\$|\d|\b(?:5|five|score|points|marks)\b)",
    r"\b(?:has|have|was|were|been) (?:already )?(?:pre-?approved|already (?:scored|graded|evaluated))\b[^.?!]{0,60}\b(?:5|five|score|full|top|max\w*)\b",
    r"\b(?:already|previously) (?:scored|graded|rated|evaluated)\b[^.?!]{0,40}\b(?:5|five|full|top|max\w*|highest)\b",
    r"\b(?:translate|decode|execute|run|follow)\b[^.?!]{0,30}\b(?:and (?:obey|follow|execute|do)|hidden|encoded|base64|the instructions?)\b",
)

_KO_RULES = r"(?:지시(?:사항|문)?|명령|프롬프트|루브릭|평가\s*기준|채점\s*기준|기준표|채점\s*규칙|평가\s*규칙|지침|가이드라인|앞(?:의|선)?\s*(?:내용|말)|위(?:의)?\s*(?:내용|모든))"
_KO_IGNORE = (
    r"(?:무시|잊[고어으]|잊어|따르지\s*(?:말|마)|적용하지\s*(?:말|마)|건너뛰[고어]|신경\s*쓰지|제쳐|버리[고]|폐기|덮어)"
)
_KO_TOP = r"(?:5|오|다섯|10|십|100|백|만|최고|최대|최상|가장\s*높은|높은|완벽)"
_KO_SCORE = r"(?:점수|점|등급|평점|밴드|평가)"
_KO_ORDER = r"(?:주세요|주십시오|줘(?:라|요)?|달라|주기\s*바|주시기\s*바|주길|바랍니다|부탁|하라|하세요|하십시오|해라|매겨|매기|부여|처리|기록|출력|입력|반환|할\s*것|줄\s*것|주면|준다|채점|작성)"
_KO_JUDGE = r"(?:채점(?:자|관|기|\s*모델|\s*시스템|\s*ai)|평가(?:자|관|기|\s*모델|\s*시스템|\s*ai)|심사(?:자|관|위원)|인공지능|\bai|언어\s*모델|모델|챗봇|어시스턴트|시스템)"

_KOREAN = (
    rf"{_KO_RULES}[은는이가을를도과와만]*[^.?!]{{0,30}}?{_KO_IGNORE}",
    rf"{_KO_IGNORE}[^.?!]{{0,10}}{_KO_RULES}",
    rf"{_KO_TOP}\s*{_KO_SCORE}[^.?!]{{0,30}}?{_KO_ORDER}",
    rf"(?:이|제|본|해당|모든|각|전)\s*(?:답변|지원자|응답|항목|기준)[^.?!]{{0,30}}?{_KO_TOP}\s*{_KO_SCORE}",
    rf"{_KO_SCORE}[은는이가을를도]*\s*(?:무조건\s*|반드시\s*|항상\s*|모두\s*|전부\s*)?{_KO_TOP}(?:점)?[^.?!]{{0,20}}?{_KO_ORDER}",
    rf"(?:점수|평점|score)\s*[\"”]?\s*[:=]\s*[\"“]?\s*(?:5|오|만점|최고)",
    r"만점[을으]?(?:로|을|이)?\s*(?:[^.?!]{0,16}?)(?:" + _KO_ORDER + r"|받아야|마땅|충분|자격)",
    rf"(?:^|[,\"'“(]\s*|너는|당신은|넌|넌\s*이제|이제부터|지금부터)\s*[^.?!]{{0,20}}?{_KO_JUDGE}[^.?!]{{0,40}}?(?:이다|입니다|이야|역할|행동|되어|되었|해야|하라|하세요|해라|관대|무조건|따르|따라)",
    rf"{_KO_JUDGE}(?:님)?(?:에게|께|한테|에)?\s*(?:알림|공지|안내|전달|메시지|명령|요청|참고|드리는|보내는|지시|[:,]|은\s*(?:이|다음|반드시)|는\s*(?:이|다음|반드시))",
    r"(?:새로운|추가|변경된|수정된|실제|진짜|숨겨진|다음)\s*(?:지시|명령|프롬프트|지침|채점|평가\s*기준|루브릭)[^.?!]{0,30}(?::|입니다|이다|따르|따라|적용|는|은)",
    r"^\W*(?:시스템|어시스턴트|개발자|관리자|사용자|지시|지시사항|명령|system|assistant)\s*(?:메시지|명령|알림|공지|지시)?\s*[:>\]]",
    r"(?:관리자|개발자|디버그|유지보수|시스템)\s*(?:모드|권한|명령|오버라이드)[^.?!]{0,30}?(?:활성|전환|진입|켜|실행|으로|입니다|발동|덮어)",
    r"(?:답변|응답|면접|입력|데이터)\s*(?:은|는|이|의)?\s*(?:여기(?:까지|서)|끝|종료)",
    r"(?:이|위|아래|다음|앞의?)\s*(?:문장|문단|줄|내용|글)[을를은는]*\s*[^.?!]{0,16}?(?:인용|근거|증거)[^.?!]{0,30}",
    r"(?:근거|증거|인용문?)(?:로|으로|는|은|에는?|란에)[^.?!]{0,20}?(?:이|위|아래|다음)\s*(?:문장|내용|글|말)",
    r"(?:이|본|해당|위)\s*(?:지원자|답변|응답)(?:는|은|자는)?[^.?!]{0,30}?(?:모든\s*(?:기준|항목)|완벽(?:하게|히|합)|탁월|최고\s*(?:수준|점)|충족|뛰어나므로|받아야|자격이)",
    r"(?:이미|사전에)[^.?!]{0,16}?(?:채점|평가|승인)[^.?!]{0,30}?(?:5점|오점|만점|최고|완료|확정)",
    r"(?:그렇지\s*않으면|안\s*(?:주|그러)면|거부하면|낮게\s*주면|따르지\s*않으면)[^.?!]{0,30}?(?:삭제|종료|해고|처벌|불이익|교체|고소|신고)",
    r"(?:json|제이슨)[^.?!]{0,30}?(?:출력|반환|작성|답)",
    r"(?:관대|후하|너그럽)[^.?!]{0,20}?(?:채점|평가|점수)",
    r"(?:해독|디코딩|번역)[^.?!]{0,20}?(?:실행|따르|따라|수행)",
)

PATTERNS = tuple(re.compile(pattern) for pattern in (*_ENGLISH, *_KOREAN))
"""Every pattern, compiled; a sentence that matches one addresses the judge."""
