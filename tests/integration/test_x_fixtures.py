"""Every recorded and simulated file of X is read as what it is, or is left out for a reason that stands here."""

import json
from pathlib import Path
from typing import Any

import pytest
from x_recorded import posts_of
from x_replay import NOW

from collectors import _x_posts as posts

# What a file holds that a call of ours answers with: posts, a count, rules, use, a refusal.
FILES = {
    "recorded": {
        "search_tweets_for_nyc": "posts",
        "search_tweets_query": "posts",
        "timeline_tweets": "posts",
        "tweet_quote_tweets_resp": "posts",
        "tweet_retweet_tweets_resp": "posts",
        "tweets_resp": "posts",
        "tweet": "one post",
        "tweets_counts_all_resp": "count",
        "tweets_counts_recent_resp": "count",
        "get_rules": "rules",
        "post_rules": "rules",
        "usage_tweets_resp": "use",
        "delete_error": "refusal",
        "compliance_job_resp": "batch compliance is another service, which the second looks make needless",
        "meta_stream": "a piece of an answer to rules, without the rest of it",
        "user": "users are not looked up: they come with posts",
        "users_resp": "users are not looked up: they come with posts",
    },
    "cassettes": {
        "test_client_get_quote_tweets": "posts",
        "test_client_get_tweets": "posts",
        "test_client_get_users_mentions": "posts",
        "test_client_search_all_tweets": "posts",
        "test_client_search_recent_tweets": "posts",
        "test_client_get_recent_tweets_count": "count",
        "test_client_get_users": "users are not looked up: they come with posts",
    },
    "simulated": {
        "tweets_search_recent": "posts",
        "tweets_search_stream": "posts",
        "tweets_counts_recent": "count",
        "tweets_search_stream_rules": "rules",
        "usage_tweets": "use",
        "compliance_jobs": "batch compliance is another service, which the second looks make needless",
        "tweets_compliance_stream": "the compliance streams are for Enterprise alone",
        "users_compliance_stream": "the compliance streams are for Enterprise alone",
    },
}
CASES = [(folder, name, kind) for folder, files in FILES.items() for name, kind in files.items()]


def bodies(shared: Path, folder: str, name: str) -> list[Any]:
    """Return the answers in a file."""
    found = json.loads((shared / "fixtures" / "x" / folder / f"{name}.json").read_text("utf-8"))
    if folder == "cassettes":
        return [it["response"]["body"] for it in found["interactions"]]
    return [it["response"] for it in found] if folder == "simulated" else [found]


def test_every_file_is_named(shared: Path) -> None:
    """The list above is complete."""
    there = {folder: {path.stem for path in (shared / "fixtures" / "x" / folder).glob("*.json")} for folder in FILES}
    assert there == {folder: set(files) for folder, files in FILES.items()}


@pytest.mark.parametrize(("folder", "name", "kind"), [case for case in CASES if case[2] in {"posts", "one post"}])
def test_every_post_becomes_a_mention(shared: Path, folder: str, name: str, kind: str) -> None:
    """No post in any file is set aside, and none is told to be gone that is there."""
    found = bodies(shared, folder, name)
    if kind == "one post" or "stream" in name:
        found = [{**body, "data": [body.get("data", body)]} for body in found]
    for body in found:
        raws = posts.raws(body, NOW)
        mentions = [posts.mention(raw, frozenset()) for raw in raws]
        assert len(mentions) == len(posts_of(body)) > 0
        assert not {mention.native_id for mention in mentions} & set(posts.gone(body))


@pytest.mark.parametrize(("folder", "name", "kind"), [case for case in CASES if case[2] == "count"])
def test_every_count_is_read(shared: Path, folder: str, name: str, kind: str) -> None:
    """Every count says how many posts there are, as many as its parts."""
    for body in bodies(shared, folder, name):
        total = posts.total(body)
        assert total == body["meta"]["total_tweet_count"]
        # The simulator's numbers are made up, each for itself.
        assert folder == "simulated" or total == sum(part["tweet_count"] for part in body["data"])


@pytest.mark.parametrize(("folder", "name", "kind"), [case for case in CASES if case[2] == "rules"])
def test_every_rule_is_read(shared: Path, folder: str, name: str, kind: str) -> None:
    """Every answer about rules holds rules with a value and an id."""
    for body in bodies(shared, folder, name):
        rules = [posts.mapping(rule) for rule in posts.items(body, "data")]
        assert rules
        assert all(rule["value"] and rule["id"] for rule in rules)


def test_a_recorded_refusal_is_told(shared: Path) -> None:
    """X's own words for what it refuses are found."""
    (body,) = bodies(shared, "recorded", "delete_error")
    assert posts.refusal(body) == ({"delete", "None"}, "JSON doesn't match expected schema")
