"""Names of the months in the languages of the datasets, and in a few more."""

from __future__ import annotations

MONTH_NAMES: tuple[tuple[str, ...], ...] = tuple(
    tuple(names.split())
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "jan feb mar apr may june july aug sept oct nov dec",
        "januari februari mac april mei jun julai ogos september oktober november disember",
        "jan feb mac apr mei jun jul ogo sep okt nov dis",
        "januari februari maret april mei juni juli agustus september oktober november desember",
        "jan feb mar apr mei jun jul agu sep okt nov des",
        "jan feb mar apr mei jun jul ags sep okt nov des",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "jan feb mär apr mai jun jul aug sep okt nov dez",
        "jänner feber maerz april mai juni juli august september oktober november dezember",
        "jan feb mrz apr mai juni juli aug sept okt nov dez",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sep oct nov dic",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
        "jan fev mar abr mai jun jul ago set out nov dez",
    )
)
"""One row of twelve for each language and style; the first row that has a name is its style."""

MONTH_OF: dict[str, int] = {
    name: number for row in MONTH_NAMES for number, name in enumerate(row, start=1)
}
"""Name in lower case to number, 1 to 12."""


def name_in_style_of(printed: str, number: int) -> str:
    """The name of another month in the language, length and case of a printed one.

    Args:
        printed: A name that `MONTH_OF` knows, in any case.
        number: Of the month that is wanted, 1 to 12.
    """
    known = printed.lower()
    row = next(row for row in MONTH_NAMES if row[MONTH_OF[known] - 1] == known)
    name = row[number - 1]
    if printed.isupper():
        return name.upper()
    return name.capitalize() if printed[0].isupper() else name
