"""The table of shards in other processes: who comes in learns what one city would know, and nobody waits in vain."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import invitation, table
from sim.delegate import Delegate
from sim.errors import KeystayError
from sim.exchange import Alone
from sim.invitation import Invitation, UnreachableTableError, introduce
from sim.meeting import MeetingBrokenError, Shared
from sim.table import LostShardError, Table
from sim.wire import Message, receive, send


def each(parts, ask):
    """Return what each part gets for `ask(exchange, part)`, all at once, and what went over the table."""

    def come(number):
        with Delegate(meeting.invitation, number) as delegate:
            exchange = Shared(delegate, number)
            got = ask(exchange, parts[number])
            exchange.done()
            return got

    with Table(len(parts)) as meeting, ThreadPoolExecutor(len(parts)) as pool:
        got = list(pool.map(come, range(len(parts))))
        meeting.over.result(timeout=60)
        return got, meeting.traffic


@settings(deadline=None, max_examples=10)
@given(st.lists(st.lists(st.integers(-3, 3), max_size=6), min_size=1, max_size=4))
def test_what_parts_learn_is_what_they_would_know_together(parts):
    keys = iter(range(100))
    rows = [np.array([(value, next(keys)) for value in part], dtype=np.int64).reshape(-1, 2) for part in parts]

    def ask(exchange, part):
        sums = part.sum(axis=0)
        return exchange.gather(part), exchange.total(sums), exchange.highest(sums)

    together = Alone().gather(np.concatenate(rows)).rows
    sums = [part.sum(axis=0) for part in rows]
    for own, (gathered, total, highest) in zip(rows, each(rows, ask)[0], strict=True):
        np.testing.assert_array_equal(gathered.rows, together)
        np.testing.assert_array_equal(gathered.rows[gathered.mine], own)
        np.testing.assert_array_equal(total, np.sum(sums, axis=0))
        np.testing.assert_array_equal(highest, np.max(sums, axis=0))


def test_all_that_went_over_the_table_is_counted():
    _, (meetings, received, sent) = each([1, 2], lambda exchange, _: exchange.total(np.zeros(1000, dtype=np.int64)))
    assert meetings == 2  # the total, and the end
    assert 2 * 8000 < received < 2 * 8000 + 500
    assert 2 * 8000 < sent < 2 * 8000 + 500


def test_what_is_learnt_cannot_be_changed():
    def spoil(exchange, part):
        total = exchange.total(np.array([part]))
        with pytest.raises(ValueError, match="read-only"):
            total[0] = 9

    each([1, 2], spoil)


def test_numbers_that_are_not_whole_are_refused():
    def ask(exchange, _):
        with pytest.raises(TypeError, match="float64"):
            exchange.total(np.zeros(2))

    each([1], ask)


def test_parts_that_ask_for_different_things_are_told_so():
    with pytest.raises(RuntimeError, match=r"shard 1: total \(2,\)"):
        each([1, 2], lambda exchange, part: exchange.total(np.zeros(part, dtype=np.int64)))


# Who doesn't stay.


def test_a_shard_that_is_lost_ends_the_meeting_and_is_named():
    with Table(2) as meeting, ThreadPoolExecutor(1) as pool:
        waits = pool.submit(wait_at, meeting.invitation, 0)
        with Delegate(meeting.invitation, 1) as delegate:
            until_joined(meeting, 2)
            delegate._line.shutdown(socket.SHUT_RDWR)  # as the system does for a process that is killed
            with pytest.raises(MeetingBrokenError):
                waits.result(timeout=60)
        with pytest.raises(LostShardError, match="shard 1 of 2"):
            meeting.over.result(timeout=60)


def test_a_shard_that_fails_ends_the_meeting_and_is_not_taken_for_lost():
    with Table(2) as meeting, ThreadPoolExecutor(1) as pool:
        waits = pool.submit(wait_at, meeting.invitation, 0)
        until_joined(meeting, 1)
        with pytest.raises(ZeroDivisionError), Delegate(meeting.invitation, 1):
            raise ZeroDivisionError
        with pytest.raises(MeetingBrokenError):
            waits.result(timeout=60)
        with pytest.raises(MeetingBrokenError):
            meeting.over.result(timeout=60)


def test_a_table_that_is_closed_sends_everybody_away():
    with ThreadPoolExecutor(1) as pool:
        with Table(2) as meeting:
            waits = pool.submit(wait_at, meeting.invitation, 0)
            until_joined(meeting, 1)
        with pytest.raises(MeetingBrokenError):
            waits.result(timeout=60)
        with pytest.raises(UnreachableTableError, match="shard 1 can't reach the table"):
            wait_at(meeting.invitation, 1)


def wait_at(asked: Invitation, part: int) -> None:
    """Come to a table and ask for a total."""
    with Delegate(asked, part) as delegate:
        delegate.meet(part, "total", np.zeros(1, dtype=np.int64))


def until_joined(meeting: Table, shards: int) -> None:
    """Wait until so many shards have come."""
    while meeting.joined < shards:
        time.sleep(0.001)


# Who isn't let in.


def test_a_key_is_shown_to_nobody_who_prints_the_invitation():
    with Table(1) as meeting:
        assert meeting.invitation.key
        assert "key" not in repr(meeting.invitation)


def test_who_has_another_key_learns_nothing_and_disturbs_nobody():
    with Table(1) as meeting:
        host, port, _ = vars(meeting.invitation).values()
        with pytest.raises(UnreachableTableError), Delegate(Invitation(host, port, b"guessed"), 0):
            pass
        assert meeting.joined == 0
        wait_at(meeting.invitation, 0)


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n\r\n" * 10])
def test_who_speaks_otherwise_is_sent_away_and_disturbs_nobody(said):
    with Table(1) as meeting:
        host, port, _ = vars(meeting.invitation).values()
        with socket.create_connection((host, port)) as line, suppress(OSError):  # it may be sent away while it speaks
            line.sendall(said)
            line.shutdown(socket.SHUT_WR)
        wait_at(meeting.invitation, 0)


def test_a_table_that_does_not_know_the_key_is_left():
    ours, theirs = socket.socketpair()
    with ours, theirs, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(introduce, ours, b"key")
        theirs.sendall(bytes(2 * invitation.NONCE))
        assert asked.result() is False


def test_two_shards_with_one_number_are_one_too_many():
    with Table(2) as meeting, Delegate(meeting.invitation, 0):
        with pytest.raises(UnreachableTableError, match="no seat 0 is free among 2"), Delegate(meeting.invitation, 0):
            pass
        with pytest.raises(UnreachableTableError, match="no seat 2 is free among 2"), Delegate(meeting.invitation, 2):
            pass


def test_who_comes_after_the_end_is_told_so():
    with Table(2) as meeting:
        meeting.end()
        with pytest.raises(UnreachableTableError, match="shard 1 isn't let in: the meeting is over"):
            wait_at(meeting.invitation, 1)


def test_who_runs_another_version_is_told_so():
    with Table(1) as meeting:
        host, port, key = vars(meeting.invitation).values()
        with socket.create_connection((host, port)) as line:
            assert introduce(line, key)
            send(line, Message("keystay 0.0.1", (np.array(0),)))
            assert "keystay 0.0.1 and is asked to meet keystay" in receive(line)[0].word


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(KeystayError, match=r"host: no table can be set up at '192\.0\.2\.1'"):
        Table(1, host="192.0.2.1")  # kept free for documentation, RFC 5737


def test_a_table_is_within_this_machine_unless_asked_otherwise():
    with Table(1) as meeting:
        assert meeting.invitation.host == table.HERE
