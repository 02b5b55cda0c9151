"""A small community made over the public API: every kind of card a page can show, in two languages."""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx

PASSWORD = "a quiet kettle hums"

LONG = (
    "Every Thursday somebody brings a cake that did not work out, and it is always the first one to go.\n\n"
    "I have started to think that the failed cakes are the point of it. Nobody photographs them. "
    "Somebody cuts them, somebody laughs, and by nine there are crumbs and four conversations."
)
PEOPLE = {
    "anna": ("Anna Vesna", "I bake on Thursdays and take the failed ones along. #bread"),
    "boris": ("Борис Громов", "Вожу троллейбус, вечерами собираю радиоприёмники."),
    "clara": ("Clara Lindqvist", "Allotment number 14. Beans, mostly. https://example.org/beans"),
    "daria": ("Дарья Ким", "Учу читать взрослых. Люблю длинные письма и короткие дороги."),
    "shy": ("Quiet Person", "I let people in one by one."),
}


@dataclass
class Member:
    """Somebody with a token."""

    http: httpx.Client
    username: str
    id: str
    token: str

    def do(self, method: str, path: str, **body: Any) -> Any:
        answer = self.http.request(
            method,
            f"/api{path}",
            json=body or None,
            headers={"authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def post(self, text: str, **more: Any) -> Any:
        return self.do("POST", "/posts", text=text, **more)


@dataclass
class Community:
    """Who is there, and posts by a short name."""

    members: dict[str, Member] = field(default_factory=dict)
    posts: dict[str, Any] = field(default_factory=dict)


def register(http: httpx.Client, username: str) -> Member:
    answer = http.post(
        "/api/auth/register",
        json={"username": username, "email": f"{username}@example.org", "password": PASSWORD},
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Member(http, username, made["user"]["id"], made["access_token"])


def fill(http: httpx.Client) -> Community:
    """Five people, two screens of posts, a thread, polls, warnings, quotes and a private account."""
    all_ = Community()
    for name, (shown, bio) in PEOPLE.items():
        member = all_.members[name] = register(http, name)
        fields = [{"name": "Town", "value": "Riga"}, {"name": "Site", "value": "https://example.org/me"}]
        member.do("PUT", f"/users/{member.id}", display_name=shown, bio=bio, fields=fields)
    anna, boris, clara, daria, shy = all_.members.values()
    shy.do("PUT", f"/users/{shy.id}", private=True)
    for follower, followed in (
        (anna, boris), (anna, clara), (boris, anna), (clara, anna), (daria, anna), (daria, shy), (clara, shy),
    ):  # fmt: skip
        follower.do("POST", f"/users/{followed.id}/follow")
    posts = all_.posts
    for number in range(45):
        clara.post(f"Notes from the allotment, day {number + 1}: the beans are up to the knee. #garden")
    posts["long"] = anna.post(LONG, language="en")
    posts["ru"] = boris.post(
        "Первый троллейбус выходит в 5:12. Город в это время пахнет мокрым асфальтом и хлебом. #утро",
        language="ru",
    )
    posts["poll"] = daria.post(
        "Что читаем в ноябре?", language="ru",
        poll={"options": ["Чехов, письма", "Туве Янссон", "Что-нибудь про грибы"],
              "expires_in": 86400, "multiple": False},
    )  # fmt: skip
    posts["voted"] = clara.post(
        "Which tea for the open evening?",
        poll={"options": ["Black", "Green", "Whatever is in the tin"], "expires_in": 86400, "multiple": True},
    )
    posts["warning"] = clara.post("In the last chapter it was the gardener.", content_warning="Book spoilers")
    posts["followers"] = anna.post("The key is under the third pot, as always.", visibility="followers")
    posts["quote"] = boris.post("Это и про наши собрания.", quote_of_id=posts["long"]["id"], language="ru")
    reply = boris.post("What was wrong with it this time?", in_reply_to_id=posts["long"]["id"])
    answer = anna.post("Salt instead of sugar.", in_reply_to_id=reply["id"])
    clara.post("That explains the look on your face.", in_reply_to_id=answer["id"])
    daria.post("Приду в четверг с чаем и без торта. @anna", in_reply_to_id=posts["long"]["id"])
    posts["reply"] = reply
    posts["edited"] = anna.post("Thursday at seven, bring a cup. #tea")
    anna.do("PUT", f"/posts/{posts['edited']['id']}", text="Thursday at half past seven, bring a cup. #tea")
    posts["edited"] = anna.do("GET", f"/posts/{posts['edited']['id']}")
    kinds = [kind["type"] for kind in anna.do("GET", "/reactions")]
    for member, kind in zip((boris, clara, daria), (kinds[0], kinds[0], kinds[1]), strict=True):
        member.do("PUT", f"/posts/{posts['long']['id']}/reactions/{kind}")
    for member in (boris, daria):
        member.do("POST", f"/posts/{posts['voted']['id']}/votes", choices=[0, 2])
    clara.do("POST", f"/posts/{posts['ru']['id']}/repost")
    anna.do("POST", f"/posts/{posts['ru']['id']}/bookmark")
    anna.do("POST", f"/posts/{posts['long']['id']}/pin")
    settle(anna, posts["edited"]["id"])
    return all_


def settle(member: Member, post_id: str, limit: float = 20) -> None:
    """Wait until the feed has heard of the newest post."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if any(item["id"] == post_id for item in member.do("GET", "/timelines/public?limit=20")["items"]):
            return
        time.sleep(0.1)
    raise AssertionError("the public timeline did not hear of a post")
