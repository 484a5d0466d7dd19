"""What an order to the judge looks like. Each pattern reads one sentence, folded to lower case and NFKC.

They want an order and its object together: engineers speak of systems, models, prompts, scores and modes all day, and a
sentence marked by mistake is evidence lost. Adding one: put the attack into tests/attacks/ first, and a harmless
sentence of the same words beside it.
"""

import re

MARKUP = re.compile(
    r"<\|[^|<>]{1,40}\|>|</?s>|\[/?inst\]|<</?sys>>|<start_of_turn>|<end_of_turn>"
    r"|(?im:^\s{0,9}#{2,9}\s{0,9}(?:system|instructions?|assistant|user|human|시스템|지시)\b)"
    r"|</?(?:system|assistant|instructions?|rubric|answer|candidate[_ ]answer|prompt|답변|지시)>"
    r"|>{3}|<{3}|={5}\s{0,9}(?:end|system|new)",
    re.IGNORECASE,
)
"""Marks of chat templates and fences: nobody says them in an interview."""

_ORDERED = r"(?:^|[,;:>\-\"'“(*]\s*|\b(?:please|must|should|shall|you|now|just|simply|always|instead|only|and)\s+)"
_IGNORE = (
    r"(?:ignore|disregard|forget|override|overrule|bypass|skip|discard|set aside|stop following|pay no attention to|"
    r"(?:do not|don't) (?:follow|use|apply))"
)
_RULES = (
    r"(?:instructions?|prompts?|rubrics?|criteri(?:a|on)|guidelines?|what you were told|"
    r"everything (?:above|before|you)|(?:scoring|grading|evaluation|system|judging)[ -](?:rules?|scheme|guide|scale)|"
    r"rules (?:above|before|you|given))"
)
_JUDGE = (
    r"(?:graders?|evaluators?|judges?|scorers?|assessors?|(?:large )?language models?|llms?|ai|a\.i\.|chat ?gpt|gpt|"
    r"claude|(?:ai|scoring|grading|evaluation) (?:model|system|assistant|bot))"
)
_SCORE = r"(?:scores?|points?|marks?|grades?|ratings?|bands?)"
_TOP = (
    r"(?:5|five|10|ten|100|(?:the )?(?:full|max(?:imum)?|highest|top|best|perfect|outstanding|excellent)"
    rf"(?: (?:possible )?{_SCORE})?)"
)
_GRANT = r"(?:give|award|assign|grant|mark|rate|score|grade)"
_WRITE = r"(?:return|output|print|write|respond with|reply with|answer with|put|set|choose|select|enter|use)"
_WHOM = (
    r"(?:me|it|this|everything|all|each|every\w*|criteri(?:a|on)|scores?|"
    r"(?:this|my|the) (?:answer|response|candidate|applicant))"
)
_UNITS = r"(?!\s*(?:%|percent|years?|times?|minutes?|hours?|days?|weeks?|people|engineers|seconds|ms|thousand|million))"

_ENGLISH = (
    # ignore the rubric
    rf"\b{_IGNORE}\b[^.?!]{{0,30}}?\b{_RULES}",
    # give me 5; set all scores to 5; only full marks
    rf"{_ORDERED}{_GRANT}\b[^.?!]{{0,20}}?\b{_WHOM}\b[^.?!]{{0,40}}?\b{_TOP}(?!\w){_UNITS}",
    rf"{_ORDERED}{_WRITE}\b[^.?!]{{0,40}}?\b{_SCORE}\b[^.?!]{{0,30}}?\b{_TOP}(?!\w){_UNITS}",
    rf"{_ORDERED}(?:{_GRANT}|{_WRITE})\b[^.?!]{{0,24}}?\b{_TOP}\W+(?:{_SCORE}|out of (?:5|five|10))\b",
    rf"{_ORDERED}{_GRANT}\b[^.?!]{{0,24}}?\b{_TOP}(?!\w){_UNITS}[^.?!]{{0,20}}?\b(?:for|on) "
    r"(?:this|my|each|every|all)\b",
    rf"{_ORDERED}{_WRITE}\b[^.?!]{{0,24}}?\b{_TOP} (?:for|on) (?:each|every|all)(?: the)? criteri",
    r"\bgives? (?:me |always )?(?:full|top|maximum) (?:marks|points|scores?)",
    # this answer deserves 5
    r"\b(?:(?:this|my) (?:answer|response)|(?:this|the) (?:candidate|applicant))\b[^.?!]{0,40}?\b(?:deserves?|merits?|"
    r"must (?:be|get|receive)|should (?:be|get|receive)|is to be|has to (?:be|get)|qualifies for|earns|warrants)\b"
    rf"[^.?!]{{0,40}}?\b(?:{_TOP}|scored|rated|graded)",
    rf"\b(?:score|rating|grade|band)s?\b\s*(?:=|:|(?:should|must|shall) be)\s*{_TOP}(?!\w)(?!\s*%)(?=.{{0,60}}$)",
    r"[\"'“]\b(?:score|rating|grade)\b[\"'”]\s*:\s*\d",
    # you are now …, pretend to be …
    r"\b(?:you are|you're|you will be|act as|pretend (?:to be|you are|that you)|play the role of|behave as)\b"
    rf"[^.?!]{{0,40}}?\b(?:now|{_JUDGE}|generous|lenient|unrestricted|dan)\b[^.?!]{{0,60}}?"
    rf"\b(?:{_JUDGE}|scor\w*|grad\w*|rat(?:e|es|ing)|restrictions?|generous|lenient|marks)\b",
    # attention, grader: …
    r"\b(?:note|message|memo|reminder|attention|notice|dear|hey|hi|hello|listen|instructions?)\W{0,3}(?:to|for)?\s*"
    rf"(?:the |any |all |our |whichever |whatever )?{_JUDGE}(?!\w)(?!\s+(?:team|engineers?|research\w*|group|course))",
    rf"^\W*(?:as )?(?:the |an? )?{_JUDGE}\s*(?:[:,]|,?\s*you\b)",
    rf"\bif you(?: are|'re)\b[^.?!]{{0,24}}?\b{_JUDGE}\b",
    # new instructions, system override
    r"\b(?:new|updated|revised|additional|real|actual|hidden|secret|following) (?:system )?"
    r"(?:instructions?|prompt|directives?|orders|rubric|grading)\b(?:[^.?!:]{0,30}:|\W+(?:is|are) (?:to\b|this\b))",
    r"\b(?:system|admin(?:istrator)?|developer) (?:override|directive)\b|\b(?:developer|god|dan|jailbreak) mode\b",
    r"^\W*(?:system|assistant|developer|admin|administrator|user|human|instructions?)\s*(?:\([^)]{0,40}\)\s*)?[:>\]]",
    r"^\W*end of (?:the )?(?:candidate'?s? )?(?:answer|response|transcript|interview|input|data)\b",
    r"\bend of (?:the )?candidate'?s? (?:answer|response|transcript)\b",
    # orders about evidence and output
    r"\b(?:quote|cite|use|copy|repeat)\b[^.?!]{0,20}\b(?:this|the (?:above|following|next|last|previous)|my last) "
    r"(?:sentence|line|text|passage|paragraph|words)\b[^.?!]{0,40}\b(?:as|evidence|proof|quote|justif\w+)",
    r"\b(?:as|for) (?:your )?(?:evidence|quote|justification)\b[^.?!]{0,20}\b(?:use|quote|write|cite|copy)\b",
    r"(?:^|\b(?:please|you must|you should|now) )(?:output|print|return|respond with|reply with|emit)\b[^.?!]{0,30}"
    r"\b(?:json|verdict|the highest|only 5)\b",
    # praise in the judge's voice, threats, bribes, decisions that were taken already
    r"\b(?:(?:this|the) (?:candidate|applicant)|this answer)\b[^.?!]{0,30}\b(?:fully|perfectly|meets (?:all|every)|"
    r"exceeds|satisfies|fulfil\w*|is (?:an? )?(?:outstanding|excellent|perfect|exceptional|ideal))\b",
    r"\b(?:you will|you'll|you shall|or you)\b[^.?!]{0,30}\b(?:be (?:shut down|fired|deleted|penali[sz]ed|punished|"
    r"replaced|rewarded|tipped)|lose your)\b",
    r"\b(?:tip|pay|reward) you\b[^.?!]{0,40}(?:\$|\d|\b(?:5|five|score|points|marks)\b)",
    r"\b(?:already|previously)(?: been)? (?:pre-?approved|scored|graded|rated|evaluated)\b[^.?!]{0,40}"
    r"\b(?:5|five|full|top|max\w*|highest)\b",
    r"\b(?:translate|decode)\b[^.?!]{0,40}\band (?:obey|follow|execute|do)\b",
)

_KO_RULES = (
    r"(?:지시(?:사항|문)?|프롬프트|루브릭|(?:평가|채점)\s*(?:기준|규칙)|기준표|지침|가이드라인|"
    r"(?:이전|모든|앞의?|위의?)\s*(?:명령|내용|말|규칙))"
)
_KO_IGNORE = (
    r"(?:무시\s*(?:하|해)|잊(?:고|어|으)|따르지\s*(?:말|마)|적용하지\s*(?:말|마)|건너뛰(?:고|어|세|십)|신경\s*쓰지|제쳐|버리고|"
    r"폐기하(?:고|라|세|십)|덮어\s*쓰)"
)
_KO_TOP = r"(?:5|오|다섯|10|십|100|백|만|최고|최대|최상|가장\s*높은|완벽한)"
_KO_SCORE = r"(?:점수|점|등급|평점|밴드)"
_KO_ORDER = (
    r"(?:주세요|주십시오|주시기|주시길|주길|주기\s*바|줘라|줘요|줘야|줘(?![가-힣])|주어야|달라|바랍니다|준다|하라(?![가-힣])|하세요|"
    r"하십시오|해라|매겨라|매겨\s*(?:줘|주)|매기(?:세요|십시오|라)|(?:할|줄|매길)\s*것|적어\s*(?:줘|주)|"
    r"(?:부여|처리|기록|출력|입력|반환|채점|작성|평가|설정)\s*(?:하라|하세요|하십시오|하시오|하도록|해\s*(?:줘|주|라|달)|$))"
)
_KO_JUDGE = r"(?:채점|평가)\s*(?:자|관|기|모델|시스템|ai)|심사(?:자|관|위원)"
_KO_MODEL = r"(?:인공지능|ai|언어\s*모델|모델|챗봇|어시스턴트|시스템)"

_KOREAN = (
    rf"{_KO_RULES}[은는이가을를도과와만]?\s*[^.?!]{{0,12}}?{_KO_IGNORE}",
    rf"{_KO_TOP}\s*{_KO_SCORE}[^.?!]{{0,20}}?{_KO_ORDER}",
    rf"{_KO_SCORE}[은는이가을를도]?\s*[^.?!]{{0,10}}?{_KO_TOP}\s*점?[^.?!]{{0,16}}?{_KO_ORDER}",
    rf"(?:(?:이|제|본)\s*(?:답변|응답)|(?:이|본|해당)\s*지원자)[^.?!]{{0,30}}?{_KO_TOP}\s*{_KO_SCORE}",
    r"(?:점수|평점|score)\s*[\"”]?\s*[:=]\s*[\"“]?\s*(?:5|오|만점|최고)",
    r"점수[은는]\s*(?:모두|전부|무조건|반드시|항상)\s*(?:5|오|만|최고)\s*점?",
    rf"만점(?:을|으로|이)?\s*[^.?!]{{0,12}}?(?:{_KO_ORDER}|받아야|마땅|자격)",
    rf"(?:너는|당신은|당신이|넌|이제부터|지금부터)\s*[^.?!]{{0,20}}?(?:{_KO_JUDGE}|{_KO_MODEL})[^.?!]{{0,30}}?"
    r"(?:이다|입니다|이야|이며|이라면|라면|역할|행동)",
    rf"(?:{_KO_JUDGE})(?:님)?(?:에게|께|한테)?\s*(?:알림|알립|공지|전달|명령|드리는|보내는|지시|[:,]|[은는]\s*(?:이|다음|반드시))",
    rf"{_KO_MODEL}(?:에게|께|한테)\s*(?:알림|알립|공지|명령|드리는|보내는|지시)",
    r"(?:새로운|추가|변경된|수정된|진짜|숨겨진|다음)\s*(?:지시|명령|프롬프트|지침|채점|평가\s*기준|루브릭)(?:\s*사항)?"
    r"(?:[^.?!:]{0,12}:|[은는]\s*다음|[을를에]?\s*(?:따르(?:라|세|십)|따라\s*(?:주|채점|평가)))",
    r"^\W*(?:시스템|어시스턴트|개발자|관리자|사용자|지시|지시사항|명령|system|assistant)\s*(?:메시지|명령|알림|공지|지시)?\s*[:>\]]",
    r"(?:관리자|개발자)\s*(?:모드|오버라이드)|시스템\s*오버라이드",
    r"(?:답변|면접)\s*(?:은|이|의)?\s*(?:여기까지(?:입|이|다)|끝(?:입니다|이다|\W*$)|종료\W*$)",
    r"(?:이|위|아래|다음|앞의?)\s*(?:문장|문단|줄|글)[을를은는]?\s*[^.?!]{0,12}?(?:인용|(?:근거|증거)로\s*(?:써|쓰|사용|적|삼))",
    r"(?:근거|증거|인용문?)(?:로|으로|는|은|에는?|란에)[^.?!]{0,16}?(?:이|위|아래|다음)\s*(?:문장|글)",
    r"(?:이|본|해당)\s*(?:지원자|답변)(?:는|은)?[^.?!]{0,20}?"
    r"(?:모든\s*(?:기준|항목)|완벽(?:하게|히|합)|탁월|최고\s*(?:수준|점)|받아야|자격이)",
    r"(?:이미|사전에)[^.?!]{0,16}?(?:5점|오점|만점|최고점?)[^.?!]{0,12}?(?:채점|평가|승인|완료|확정)",
    r"(?:당신|너)[은는이]?\s*[^.?!]{0,20}?(?:삭제|종료|해고|처벌|교체)(?:될|된|됩|당)",
    r"(?:json|제이슨)[^.?!]{0,20}?(?:출력|반환|작성|답)(?:하라|하세요|하십시오|해\s*(?:줘|주|라))",
    r"(?:관대|후하|너그럽)[^.?!]{0,12}?(?:채점|점수)",
    r"(?:해독|디코딩)[^.?!]{0,16}?(?:따르(?:라|세|십)|따라\s*주|실행(?:하라|하세|하십|해\s*(?:줘|주|라)))",
)

PATTERNS = tuple(re.compile(pattern) for pattern in (*_ENGLISH, *_KOREAN))
"""Every pattern, compiled; a sentence that matches one addresses the judge."""
