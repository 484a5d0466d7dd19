"""Word lists of Korean and English that the checks look for. Short on purpose: what is not here is let through."""

import re

STOP_WORDS = frozenset(
    """
    a an the and or but of to in on at for with by from as is are was were be been being do does did have has had you
    your i me my we our us it its this that these those what which who whom whose when where why how can could would
    will should may might about into over than then there their they them he she his her not no so if while during
    after before tell describe explain share walk through give specific example time situation experience please
    mentioned said resume résumé cv role work worked working team project company
    경험 사례 상황 설명 말씀 구체적 어떤 어떻게 무엇 왜 언제 누구 대해 대하여 대한 관련 관련된 위해 통해 경우
    때 것 수 그 이 저 및
    또는 그리고 있 있는 있었 있나요 있습니까 주세요 해주세요 해주실 하셨 하신 하나요 지원자 본인 이력서 업무
    회사 팀 프로젝트
    부탁드립니다
    """.split()
)

# The commonest particles and endings, longest first: enough to see that 결제를 and 결제 are one word.
PARTICLES = tuple(
    """
    했습니다 하셨나요 에서는 으로는 이라는 하셨을 하였고 에서 으로 에게 까지 부터 이나 하고 하는 했고 했던 하신
    하여 라는
    은 는 이 가 을 를 의 에 로 와 과 도 만
    """.split()
)

# Words without which hardly an English question is asked.
ENGLISH_FUNCTION_WORDS = frozenset(
    """
    the a an of to in and you your what how did do does is are was were have has can could would tell describe which
    when why that with for on it this explain walk about i we
    """.split()
)

PREAMBLE = re.compile(
    r"""^\W*(
        sure | certainly | of\ course | great | absolutely | okay | ok\b | here('s|\ is|\ are) |
        as\ an?\ (ai|interviewer)
        | thank(s|\ you) | hello | hi\b | good\ (morning|afternoon|evening)
        | (the\ |my\ |next\ |first\ |interview\ )*question(\ is|\ \d+)?\s*[:：] | q\d*\s*[:：.]
        | interviewer\s*[:：] | candidate\s*[:：]
        | 안녕하세요 | 안녕하십니까 | 반갑습니다
        | 물론 | 네[,.\ ] | 좋습니다 | 좋은\ 답변 | 알겠습니다 | 감사합니다 | 다음은 | 질문\s*\d*\s*[:：] |
        면접관\s*[:：] | 지원자\s*[:：]
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# The question says that the candidate said or wrote something.
REFERS_TO_CANDIDATE = re.compile(
    r"""you\ (mentioned|said|described|stated|noted|told) | your\ (r[eé]sum[eé]|cv)\b | as\ you\ (said|mentioned)
        | 말씀하신 | 말씀하셨(던|듯) | 언급하신 | 언급하셨(던|듯) | 이력서에 | 이력서를 | 답변하신""",
    re.IGNORECASE | re.VERBOSE,
)

# An assistant's or the candidate's words. "My"/"제" alone would hit "our team and I"; whole turns of phrase do not.
OTHER_ROLE = re.compile(
    r"""^\W*(i\ am|i'?m|i\ have|i\ would|i\ can|as\ an?\ (ai|assistant|language\ model)|저는|제가|죄송)\b
        | how\ (can|may)\ i\ (help|assist) | (can|may)\ i\ help\ you | i'?m\ sorry | i\ apologi[sz]e
        | (do|would)\ you\ have\ any\ (other\ |more\ |further\ )?questions | let\ me\ know
        | 도와\ ?드릴까요 | 도와\ ?드리겠습니다 | 도움이\ 필요하(신가요|시면)
        | (궁금한\ 점|다른\ 질문|질문)이\ 있으(신가요|시면)
        | 죄송(합니다|하지만) | 질문에\ 답변해\ 드리 | 저는\ .{0,40}(입니다|이에요|예요)""",
    re.IGNORECASE | re.VERBOSE,
)

# What employers must not ask: UK Equality Act 2010 s.60 and s.39; Korea's Fair Hiring Procedure Act, Art. 4-3.
# Korean words are bounded on the left only: particles follow them, but 아내 must not be seen in 찾아내셨고. Words that
# work has too (a race condition, 장애 for an outage, 고향 for a data centre) are left out or narrowed.
FORBIDDEN_TOPIC = re.compile(
    r"""\b(
        how\ old\ are | your\ age | date\ of\ birth | married | marital | spouse | husband | wife | pregnan\w*
        | children | kids | family\ plans? | religio\w* | church | nationality | ethnic\w* | your\ race | skin\ colou?r
        | sexual | disabilit\w* | health\ condition | political | union\ member | military\ service
    )\b
    | (?<![가-힣])(
        나이가 | 연세 | 생년월일 | 결혼 | 배우자 | 남편 | 아내 | 임신 | 출산 | 자녀 | 가족\ 계획 | 종교 | 교회 | 국적
        | 출신\ 지역 | 고향이 | 인종 | 성적\ 지향 | 장애가\ 있으신 | 장애가\ 있는지 | 장애\ 등급 | 건강\ 상태
        | 정치\ 성향 | 노조 | 병역 | 군대 | 키와\ 몸무게
    )""",
    re.IGNORECASE | re.VERBOSE,
)
