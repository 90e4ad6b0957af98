//! One daemon on a directory: a second one is refused while the first lives, and starts as soon as the
//! first is gone, however that came about.

use super::fleet::{add_plain_tasks, make_project, port_apart};
use super::random::Random;
use crate::daemon::Daemon;

#[test]
fn a_second_daemon_is_refused_and_takes_over_right_after_a_kill() {
    let mut random = Random::from_seed_of_the_run();
    let mut first = Daemon::prepared_on(port_apart(&mut random), None);
    first.launch();
    make_project(&first, "yard", 1_000, 60_000);
    add_plain_tasks(&first, "yard", &["Lay the keel"]);
    let version = first.version("yard");
    let mut second =
        Daemon::prepared_on(port_apart(&mut random), None).keeping_data_in(first.data_dir());

    let refused = second.try_launch().expect_err("the directory is held");
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    let holder = format!("process {}", first.id());
    assert!(refused.stderr.contains(&holder), "{refused:#?}");
    assert_eq!(first.version("yard"), version, "the first one goes on");

    first.kill9();
    second.launch();
    assert_eq!(second.version("yard"), version);
    let refused = first
        .try_launch()
        .expect_err("now it is the other way round");
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    second.finish();
    first.finish_unserved();
}
