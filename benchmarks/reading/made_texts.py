"""Makes messages of 18 or 106 words out of a fixed vocabulary of what customers write."""

from random import Random

_SEED = 11
_WORDS = (
    "the and to is I you we it my our your not have with for this that on in of but so still again please can when "
    "order flight invoice export report account login error page support agent team customer bag refund delivery "
    "waiting broken delayed cancelled missing slow great thanks happy terrible good bad love annoyed quick helpful "
    "yesterday today Monday week hours twice never always don't can't won't update version screen button file list"
).split()


def texts(size: int, words: int) -> list[str]:
    """`size` distinct English messages of `words` words each."""
    dice = Random(_SEED)
    return [_text(dice, words, number) for number in range(size)]


def _text(dice: Random, words: int, number: int) -> str:
    chosen = dice.choices(_WORDS, k=words - 1)
    for at in range(8, words - 1, 9):
        chosen[at] += dice.choice((".", "!", ",", "?", "."))
    return f"{' '.join(chosen)} {number}."
