//! A log that is longer than one read of it gives: nothing between its start and its end is left out.

use super::*;
use crate::plan::time::Timestamp;

/// Events that are so large that many of them are more than one read gives.
const LARGE_EVENTS: usize = 1_100;
const LARGE_CHARS: usize = 16_000;
/// So many that one read does not reach the large ones before them.
const SMALL_EVENTS: usize = 10_000;

async fn describe(served: &Served, count: usize, chars: usize) {
    let step = |place: usize| Step {
        project: "corner-shop".to_owned(),
        command: Command::UpdateProject {
            name: None,
            description: Some(format!("{place} {}", "x".repeat(chars))),
            settings: None,
        },
    };
    let submission = Submission {
        steps: (0..count).map(step).collect(),
        actor: Actor::Coordinator("ann".into()),
        request: None,
        wait: Duration::ZERO,
    };
    served.handle.submit(submission).await.expect("new words");
}

#[tokio::test]
async fn a_long_log_is_given_from_the_time_asked_for_and_without_gaps() {
    let served = Served::start().await;
    served.import().await;
    describe(&served, LARGE_EVENTS, LARGE_CHARS).await;
    describe(&served, SMALL_EVENTS, 1).await;
    let newest = served.handle.plan("corner-shop").unwrap().version();

    let events = served
        .api
        .window("corner-shop", Timestamp(0), newest)
        .await
        .expect("a log");
    let versions = events.iter().map(|event| event.version);
    assert!(versions.eq(1..=newest), "{} of {newest}", events.len());

    let (channel, bearer) = served.wired(&served.coordinator);
    let first = wire::event_service_client::EventServiceClient::with_interceptor(channel, bearer)
        .list_events(wire::ListEventsRequest {
            project: "corner-shop".to_owned(),
            page_size: 3,
            since: Some(prost_types::Timestamp::default()),
            ..Default::default()
        })
        .await
        .expect("a page")
        .into_inner();
    let versions: Vec<u64> = first.events.iter().map(|event| event.version).collect();
    assert_eq!(versions, [1, 2, 3]);
}
