from samovar.contracts.common import Scope
async def test_x(world):
    anna = await world.person("anna")
    p = await anna.posts.create(text="hi @anna #tea", visibility=Scope.PUBLIC, language="en")
    print(p)
    bob = await world.person("bob")
    with world.queries(max=10) as q:
        r = await bob.posts.get_many(ids=(p.id,))
    print("\n".join(s[:90] for s in q.log))
    assert r.items[0].text == "hi @anna #tea"
