"""Words that carry nothing, in Korean and English. Folded: lower case, NFKC."""

HESITATIONS = frozenset(
    """
    um umm uh uhh uhm er erm hm hmm mm mhm ah oh eh
    음 으음 어 어어 아 에 그 저 저기 흠 허
    """.split()
)
"""Sounds. An answer of nothing else is empty."""

FUNCTION_WORDS = frozenset(
    """
    i we you he she it they me us him her them my our your his its their mine ours this that these those there here
    a an the and or but so then also too as if because when while of to in on at by for from with into about over
    is are was were be been being am do does did have has had will would can could should may might must not no yes
    just very really quite some any all both each more most much many other what which who how well okay ok like
    i'm we're it's that's don't didn't i've we've i'd
    저 저는 제가 저도 저희 저희는 저희가 나 나는 내가 우리 우리는 우리가 그 그는 그것 그것은 그게 그건
    이 이것 이것은 이게 이건 저것
    것 것은 것이 것을 수 등 및 또 또는 또한 그리고 그래서 그런데 그러나 하지만 그러면 그래도 그때 때
    때문에 위해 대해 대한 관련
    더 매우 아주 정말 좀 조금 잘 많이 다 모두 네 예 아니요 있는 없는 하는 한 할 된 되는 그런 이런 저런 및 통해 통한
    있습니다 없습니다 합니다 했습니다 입니다 이었습니다 였습니다 됩니다 됐습니다 되었습니다 것입니다
    있었습니다 있어요 했어요
    """.split()
)
"""Words that stand in every answer: a quote of nothing else shows nothing."""
