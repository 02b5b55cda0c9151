"""Messages and their bytes: what any other protobuf library reads and writes."""

from typing import Any

import pytest
from google.protobuf import message_factory

from samovar.adapters.protobuf import from_bytes, to_bytes
from samovar.adapters.protobuf.fields import descriptor_of
from samovar.contracts import common, graph, identity, items, posts, reactions
from samovar.kernel.contract import Message

ITEM = common.ItemRef(kind="post", id=2**62)


@pytest.mark.parametrize(
    "message",
    [
        posts.Post(
            id=1, text="чай", visibility=common.Scope.FOLLOWERS, in_reply_to_id=0, tags=("a", "b"),
            poll=posts.Poll(id=2, options=(posts.PollOption(title="да", votes=3),), own_votes=(0,)),
            mentions=(posts.Mention(user_id=5, username="anna"),),
        ),
        posts.Post(),
        items.Card(audience=common.Audience(scope=common.Scope.MENTIONED, people=(1, 2**62))),
        graph.RelationshipList(items=(graph.Relationship(user_id=1, following=True),)),
        identity.LoginRequest(name="a", password="b", otp=""),
        reactions.ReactRequest(item=ITEM, type="x"),
        reactions.SummaryList(items=(reactions.Summary(id=1, counts={"чай": 3, "": 0}), reactions.Summary())),
        posts.PostPage(items=(posts.Post(id=5), posts.Post(id=5), posts.Post()), next="c"),
    ],
)  # fmt: skip
def test_messages_survive_their_bytes(message: Message) -> None:
    kind = type(message)
    for _ in range(2):  # the second time from memory
        assert from_bytes(to_bytes(message), kind) == message
    # Google's own library reads ours and we read its.
    google: Any = message_factory.GetMessageClass(descriptor_of(kind)).FromString(to_bytes(message))
    assert from_bytes(google.SerializeToString(), kind) == message


def test_what_a_newer_peer_adds_is_passed_over() -> None:
    page = to_bytes(posts.PostPage(items=(posts.Post(id=5),), next="c"))
    unknown = b"\xf2\x3f\x03new" + b"\xf8\x3f\x07" + b"\xf9\x3f12345678" + b"\xfd\x3f1234"
    assert from_bytes(unknown + page + unknown, posts.PostPage) == from_bytes(page, posts.PostPage)
    post = to_bytes(posts.Post(id=5, visibility=common.Scope.PUBLIC)).replace(b"\x28\x01", b"\x28\x63")
    assert from_bytes(post, posts.Post).visibility is common.Scope.UNSPECIFIED


def test_broken_bytes_are_a_value_error() -> None:
    page = to_bytes(posts.PostPage(items=(posts.Post(id=5, text="чай" * 100),), next="c"))
    assert from_bytes(b"", posts.PostPage) == posts.PostPage()
    sound = 0
    for cut in range(1, len(page)):
        try:
            from_bytes(page[:cut], posts.PostPage)
        except ValueError:
            continue
        sound += 1
    assert sound == 1, "only what ends between the two fields"
    for broken in (b"\xff" * 20, b"\x0a\xff\xff\xff\xff\x0f", b"\x0b", b"\x0a\x02\x0a"):
        with pytest.raises(ValueError, match="not a PostPage"):
            from_bytes(broken, posts.PostPage)


def test_equal_but_different_values_are_not_mixed_up() -> None:
    """1 and True are equal in Python; in messages the field decides."""
    one = graph.RelationshipList(items=(graph.Relationship(user_id=1, following=True),))
    two = graph.RelationshipList(items=(graph.Relationship(user_id=1, followed_by=True),))
    for _ in range(2):
        assert from_bytes(to_bytes(one), type(one)) == one
        assert from_bytes(to_bytes(two), type(two)) == two
    counted = reactions.SummaryList(items=(reactions.Summary(id=1, counts={"a": 1}),))
    again = reactions.SummaryList(items=(reactions.Summary(id=1, counts={"a": 2}),))
    assert from_bytes(to_bytes(counted), type(counted)) == counted
    assert from_bytes(to_bytes(again), type(again)) == again
