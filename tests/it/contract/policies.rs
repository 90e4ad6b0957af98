//! `project policy` from outside: all of them explained, one set, and what is none refused.

use serde_json::Value;

use super::{fields, harbour};
use crate::daemon::Daemon;

fn policies(daemon: &Daemon, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["project", "policy", "--json"], arguments].concat();
    let document = daemon.cli(&arguments).exits(0).json();
    document["policies"].as_array().expect("policies").clone()
}

#[test]
fn every_policy_is_shown_with_what_it_means_and_is_set_in_the_same_words() {
    let (daemon, ann) = harbour();
    let all = policies(&daemon, &[]);
    assert!(all.len() > 10, "{all:?}");
    for policy in &all {
        fields(
            policy,
            &[
                "name",
                "value",
                "default",
                "meaning",
                "takes",
                "requirement",
            ],
        );
        assert!(
            policy["meaning"].as_str().is_some_and(|it| it.len() > 10),
            "{policy}"
        );
    }
    let set = policies(&daemon, &["strikes", "5"]);
    assert_eq!(
        (&set[0]["value"], &set[0]["default"]),
        (&"5".into(), &"3".into())
    );
    assert_eq!(policies(&daemon, &["strikes"])[0]["value"], "5");
    let shown = daemon.cli(&["project", "policy"]).exits(0).stdout;
    assert!(
        shown.contains("strikes") && shown.contains("parked"),
        "{shown}"
    );
    daemon
        .cli(&["project", "policy", "strikes", "1000"])
        .exits(2);
    daemon
        .cli(&["project", "policy", "time_zone", "Mars/Base"])
        .exits(2);
    daemon.cli(&["project", "policy", "colour", "red"]).exits(2);
    daemon.cli(&["project", "policy", "colour"]).exits(2);
    daemon
        .cli_as(&ann, &["project", "policy", "strikes", "9"])
        .exits(7);
    assert_eq!(policies(&daemon, &["strikes"])[0]["value"], "5");
    daemon.finish();
}
