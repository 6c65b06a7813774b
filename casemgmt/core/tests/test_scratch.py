from casemgmt.core.db import Scratch


def test_a_scratch_keeps_values_by_space_and_key_in_the_order_they_came():
    with Scratch() as scratch:
        scratch.put("exits", "b", [1, "x"])
        scratch.put("exits", "a", None)
        scratch.put("exits", "b", [2, "ü"])
        scratch.put("other", "b", 3)
        assert scratch.get("exits", "b") == [2, "ü"]
        assert scratch.get("exits", "c") is None
        assert list(scratch.items("exits")) == [("b", [2, "ü"]), ("a", None)]


def test_a_scratch_may_be_written_while_it_is_read():
    with Scratch() as scratch:
        for n in range(100):
            scratch.put("numbers", str(n), n)
        for key, number in scratch.items("numbers"):
            scratch.put("doubles", key, number * 2)
        assert scratch.get("doubles", "99") == 198
