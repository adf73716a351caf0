"""Which time zones the area codes of countries with several of them lie in.

Sources: the North American Numbering Plan Administrator and the Canadian Numbering Administrator (area
codes in service or announced), ACMA (Australia), Anatel (Brazil), CNMC (Spain), ANACOM (Portugal), Rossvyaz
(Russia). A code that straddles a border lists both sides. What is not here has no place that we know:
mobile ranges, free numbers, new codes.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

__all__ = ("AREA_REGIONS", "AREA_ZONES", "LONGEST_AREA_DIGITS")

_EASTERN = "America/New_York"
_CENTRAL = "America/Chicago"
_MOUNTAIN = "America/Denver"
_PACIFIC = "America/Los_Angeles"
_TORONTO = "America/Toronto"
_WINNIPEG = "America/Winnipeg"
_EDMONTON = "America/Edmonton"
_VANCOUVER = "America/Vancouver"
_HALIFAX = "America/Halifax"
_BRASILIA = "America/Sao_Paulo"
_MANAUS = "America/Manaus"

# Region, country code, zones, area codes.
_Area = tuple[str, str, tuple[str, ...], str]

_UNITED_STATES: tuple[_Area, ...] = (
    (
        "US",
        "1",
        (_EASTERN,),
        """
        201 202 203 207 212 215 216 220 223 227 229 231 234 239 240 248 252 260 267 269 272 276 283
        301 302 304 305 313 315 317 321 324 326 329 330 332 336 339 347 351 352 363 380 386 401 404
        407 410 412 413 419 434 436 440 443 445 463 470 472 475 478 484 502 508 513 516 517 518 540
        551 561 567 570 571 582 585 586 603 607 609 610 614 616 617 624 631 640 645 646 656 667 678
        679 680 681 686 689 703 704 706 716 717 718 724 727 728 732 734 740 743 754 757 762 765 770
        771 772 774 781 786 802 803 804 810 813 814 821 826 828 835 838 839 843 845 848 854 856 857
        859 860 862 863 864 865 878 904 908 910 912 914 917 919 929 934 937 941 943 947 948 954 959
        973 978 980 984 989
        """,
    ),
    ("US", "1", (_EASTERN, _CENTRAL), "219 270 364 423 448 574 606 812 850 906 930 931"),
    (
        "US",
        "1",
        (_CENTRAL,),
        """
        205 210 214 217 218 224 225 228 235 251 254 256 262 274 281 309 312 314 316 318 319 320 325
        327 331 334 337 346 353 361 402 405 409 414 417 430 447 457 464 469 479 483 501 504 507 512
        515 531 534 539 557 563 572 573 580 601 608 612 615 618 621 629 630 636 641 651 659 660 662
        682 708 712 713 715 726 730 731 737 763 769 773 779 806 815 816 817 830 832 847 861 870 872
        901 903 913 918 920 924 936 938 940 945 952 956 972 975 979 985
        """,
    ),
    ("US", "1", (_CENTRAL, _MOUNTAIN), "308 432 605 620 701 785"),
    ("US", "1", (_MOUNTAIN,), "303 307 385 406 435 505 575 719 720 748 801 915 970 983"),
    ("US", "1", ("America/Phoenix",), "480 520 602 623"),
    # The Navajo Nation keeps summer time, the rest of Arizona does not.
    ("US", "1", ("America/Phoenix", _MOUNTAIN), "928"),
    ("US", "1", (_MOUNTAIN, _PACIFIC), "208 458 541 775 986"),
    (
        "US",
        "1",
        (_PACIFIC,),
        """
        206 209 213 253 279 310 323 341 350 357 360 369 408 415 424 425 442 503 509 510 530 559 562
        564 619 626 628 650 657 661 669 702 707 714 725 738 747 760 805 818 820 831 837 840 858 909
        916 925 949 951 971
        """,
    ),
    ("US", "1", ("America/Anchorage", "America/Adak"), "907"),
    ("US", "1", ("Pacific/Honolulu",), "808"),
)

_CANADA: tuple[_Area, ...] = (
    ("CA", "1", ("America/St_Johns", _HALIFAX), "709 879"),
    ("CA", "1", (_HALIFAX,), "428 506 782 902"),
    ("CA", "1", (_HALIFAX, _TORONTO), "273 367 418 581"),
    (
        "CA",
        "1",
        (_TORONTO,),
        """
        226 249 263 289 343 354 365 382 416 437 438 450 468 514 519 548 579 613 647 683 705 742 753
        819 873 905 942
        """,
    ),
    ("CA", "1", (_TORONTO, _WINNIPEG), "807"),
    ("CA", "1", (_WINNIPEG,), "204 431 584"),
    ("CA", "1", ("America/Regina", _EDMONTON), "306 474 639"),
    ("CA", "1", (_EDMONTON,), "368 403 587 780 825"),
    ("CA", "1", (_EDMONTON, _VANCOUVER), "236 250 257 672 778"),
    ("CA", "1", (_VANCOUVER,), "604"),
    # Yukon, Northwest Territories and Nunavut share one code.
    ("CA", "1", ("America/Whitehorse", _EDMONTON, _WINNIPEG, _TORONTO), "867"),
)

_ELSEWHERE: tuple[_Area, ...] = (
    ("AU", "61", ("Australia/Sydney", "Australia/Lord_Howe", "Australia/Adelaide"), "2"),
    ("AU", "61", ("Australia/Melbourne",), "3"),
    ("AU", "61", ("Australia/Brisbane", "Australia/Sydney"), "7"),
    # Numbers move freely inside area 08, from Adelaide over Darwin to Perth.
    ("AU", "61", ("Australia/Adelaide", "Australia/Darwin", "Australia/Perth", "Australia/Eucla"), "8"),
    (
        "BR",
        "55",
        (_BRASILIA,),
        """
        11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51
        53 54 55 61 62 63 64 71 73 74 75 77 79 82 83 84 85 86 87 88 89 91 93 94 96 98 99
        """,
    ),
    ("BR", "55", (_BRASILIA, "America/Noronha"), "81"),
    ("BR", "55", (_MANAUS,), "65 66 67 69 92 95"),
    ("BR", "55", (_MANAUS, "America/Rio_Branco"), "97"),
    ("BR", "55", ("America/Rio_Branco",), "68"),
    ("ES", "34", ("Atlantic/Canary",), "822 828 922 928"),
    ("PT", "351", ("Atlantic/Azores",), "292 295 296"),
    ("PT", "351", ("Europe/Lisbon",), "21 22 23 24 25 26 27 28 291"),
    ("RU", "7", ("Europe/Moscow",), "495 498 499 812"),
)


def _prefixes() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for region, country_code, zones, codes in (*_UNITED_STATES, *_CANADA, *_ELSEWHERE):
        for code in codes.split():
            yield country_code + code, region, zones


AREA_ZONES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {digits: zones for digits, _, zones in _prefixes()}
)
"""From country code and area code to IANA names; the longest match decides."""

AREA_REGIONS: Mapping[str, str] = MappingProxyType({digits: region for digits, region, _ in _prefixes()})
"""From country code and area code to the ISO region, where a country code is shared."""

LONGEST_AREA_DIGITS: int = max(map(len, AREA_ZONES))
"""How many digits of an E.164 number are worth looking at."""
