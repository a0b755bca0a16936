"""What somebody may type into an address: all of it read by pure functions in test_address.py, some by every page."""

GARBAGE = (
    *("", "0", "-1", "1e9", "999999999", "9" * 5000, "nan", "inf", "٣", "½", "x"),
    *("\x00", "../../etc/passwd", "<script>", "[" * 90_000, "[1,2]"),
)
SHOWN_GARBAGE = ("", "9" * 5000, "<script>")
