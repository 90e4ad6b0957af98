//! The outbox by example, on an engine of its own whose time is moved by hand, with receivers that are real.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::time::Duration;

use super::{Courier, LOOK_AGAIN, Outbox};
use crate::engine::fixture::Shop;
use crate::notify::backoff::ATTEMPTS_MAX;
use crate::notify::channel::{Channel, ChannelOptions};
use crate::notify::files::FilesOptions;
use crate::notify::filter::Filter;
use crate::notify::fixture::web::{Says, TIMEOUTS, Web, cryptography, inside};
use crate::notify::letter::LetterKind;
use crate::notify::outgoing::Channels;
use crate::notify::webhook::WebhookOptions;
use crate::plan::Plan;
use crate::plan::command::{Command, Delivering, Timing};
use crate::plan::event::ReportKind;
use crate::plan::fact::Actor;
use crate::plan::id::ReportId;
use crate::plan::model::DeliveryState;
use crate::schedule::{Addressing as _, Ask, compose};
use crate::secret::Secret;

const HOUR_MS: u64 = 60 * 60 * 1_000;
/// Monday, 2026-11-23, at nine UTC.
const MONDAY_AT_NINE: i64 = 1_795_424_400_000;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct World(Shop);

impl Deref for World {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.0
    }
}

fn webhook(web: &Web) -> Channel {
    cryptography();
    let options = WebhookOptions {
        url: Secret::new(web.url("/hook")),
        secrets: vec![Secret::new(SECRET)],
        rules: inside(),
        timeouts: TIMEOUTS,
    };
    Channel::open(ChannelOptions::Webhook(options)).expect("it opens")
}

fn files(dir: &std::path::Path) -> Channel {
    let options = FilesOptions {
        dir: dir.to_owned(),
    };
    Channel::open(ChannelOptions::Files(options)).expect("it opens")
}

fn all(channels: Vec<(&str, Channel)>) -> Channels {
    let each = channels.into_iter();
    Channels::new(each.map(|(name, channel)| (name.to_owned(), channel, Filter::default())))
}

impl World {
    /// The project `shop`.
    async fn new() -> Self {
        Self(Shop::at(MONDAY_AT_NINE).await)
    }

    /// Publishes a report to the channels that want it.
    async fn publish(&self, channels: &Channels) {
        let ask = Ask {
            kind: ReportKind::Standup,
            role: String::new(),
            as_of: None,
        };
        let composed = compose(&self.handle, "shop", ask).await;
        let mut report = composed
            .and_then(|composed| composed.new_report())
            .expect("a report");
        report.channels = channels.channels_for("shop", &report);
        let publish = Command::Time(Timing::Publish(Box::new(report)));
        self.ask(Actor::System, publish).await;
    }

    fn courier(&self, channels: &Channels, name: &str) -> Courier {
        let outbox = Outbox::new(self.handle.clone(), channels.clone());
        let mut couriers = outbox.couriers();
        couriers
            .find(|courier| courier.name == name)
            .expect("it is configured")
    }

    fn state(&self, report: u32, channel: &str) -> (DeliveryState, u32) {
        let plan = self.plan();
        let report = plan.report(ReportId(report)).expect("it was published");
        let delivery = report.delivery(channel).expect("it was addressed");
        (delivery.state, delivery.attempts)
    }

    fn restart(self) -> Self {
        Self(self.0.restart())
    }
}

fn ids(web: &Web) -> Vec<String> {
    let seen = web.seen();
    seen.iter()
        .map(|it| it.header("webhook-id").to_owned())
        .collect()
}

/// Letters that are recorded as delivered and were never taken.
fn lost(plan: &Plan, channel: &str, taken: &[String]) -> BTreeSet<String> {
    let delivered = plan.reports().filter(|report| {
        let delivery = report.delivery(channel);
        delivery.is_some_and(|it| it.state == DeliveryState::Delivered)
    });
    let ids = delivered.map(|report| format!("shop/{}/{channel}", report.id));
    ids.filter(|id| !taken.contains(id)).collect()
}

#[tokio::test]
async fn what_is_published_reaches_the_channels_that_want_it_in_order() {
    let world = World::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let web = Web::saying(Says::status(204)).await;
    let picky = Filter {
        kinds: vec![LetterKind::Oversight],
        ..Filter::default()
    };
    let channels = Channels::new([
        ("hook".to_owned(), webhook(&web), Filter::default()),
        (
            "archive".to_owned(),
            files(folder.path()),
            Filter::default(),
        ),
        ("picky".to_owned(), files(folder.path()), picky),
    ]);
    for _ in 0..3 {
        world.publish(&channels).await;
    }
    assert_eq!(world.plan().letters().len(), 2);
    assert_eq!(world.courier(&channels, "hook").look().await, LOOK_AGAIN);
    assert_eq!(
        ids(&web),
        ["shop/REP-1/hook", "shop/REP-2/hook", "shop/REP-3/hook"]
    );
    world.courier(&channels, "archive").look().await;
    assert_eq!(world.state(3, "archive"), (DeliveryState::Delivered, 1));
    let standups = folder.path().join("shop/standup");
    for name in [
        "2026-11-23.md",
        "2026-11-23.json",
        "latest.html",
        "latest.txt",
    ] {
        assert!(standups.join(name).is_file(), "{name} is missing");
    }
    let markdown = std::fs::read_to_string(standups.join("latest.md")).expect("text");
    assert!(markdown.contains("Shop"), "{markdown}");
}

#[tokio::test]
async fn a_letter_that_fails_is_tried_again_under_its_id_until_it_is_given_up() {
    let world = World::new().await;
    let web = Web::saying(Says::status(503)).await;
    let channels = all(vec![("hook", webhook(&web))]);
    world.publish(&channels).await;
    world.publish(&channels).await;
    let mut courier = world.courier(&channels, "hook");
    let pause = courier.look().await;
    assert!(pause <= LOOK_AGAIN && !pause.is_zero());
    // Neither it nor the one behind it is tried before its time.
    courier.look().await;
    assert_eq!(ids(&web), ["shop/REP-1/hook"]);
    assert!(channels.last_error("hook").is_some());
    for attempt in 2..=ATTEMPTS_MAX {
        assert_eq!(
            world.state(1, "hook"),
            (DeliveryState::Waiting, 0),
            "{attempt}"
        );
        world.clock.advance_ms(HOUR_MS + 1);
        courier.look().await;
    }
    assert_eq!(world.state(1, "hook"), (DeliveryState::Dead, ATTEMPTS_MAX));
    assert_eq!(world.state(2, "hook"), (DeliveryState::Waiting, 0));
    let ids = ids(&web);
    let first = ids.iter().filter(|id| *id == "shop/REP-1/hook").count();
    assert_eq!(first, usize::try_from(ATTEMPTS_MAX).expect("few"));
    assert_eq!(ids.last().map(String::as_str), Some("shop/REP-2/hook"));
    let seen = web.seen();
    assert_eq!(seen[0].body, seen[1].body, "each attempt has the same body");
}

#[tokio::test]
async fn what_can_never_be_delivered_is_given_up_at_once_and_delivered_when_asked_again() {
    let world = World::new().await;
    let gone = Web::saying(Says::status(410)).await;
    let channels = all(vec![("hook", webhook(&gone))]);
    world.publish(&channels).await;
    world.courier(&channels, "hook").look().await;
    assert_eq!(world.state(1, "hook"), (DeliveryState::Dead, 1));
    let mended = Web::saying(Says::status(200)).await;
    let channels = all(vec![("hook", webhook(&mended))]);
    let mut courier = world.courier(&channels, "hook");
    courier.look().await;
    assert!(ids(&mended).is_empty(), "it waits for nobody");
    let again = Delivering::Again {
        report: ReportId(1),
        channel: "hook".to_owned(),
    };
    let again = Command::Time(Timing::Deliver(again));
    world.ask(Actor::Coordinator("lead".into()), again).await;
    courier.look().await;
    assert_eq!(world.state(1, "hook"), (DeliveryState::Delivered, 1));
    assert_eq!(ids(&mended), ["shop/REP-1/hook"]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_letter_wait_for_ever() {
    let world = World::new().await;
    let web = Web::saying(Says::status(503)).await;
    let channels = all(vec![("hook", webhook(&web))]);
    world.publish(&channels).await;
    let mut courier = world.courier(&channels, "hook");
    courier.look().await;
    world
        .clock
        .set_wall_ms(MONDAY_AT_NINE - 30 * 24 * 60 * 60 * 1_000);
    courier.look().await;
    assert_eq!(ids(&web).len(), 2);
}

#[tokio::test]
async fn who_dies_in_the_middle_delivers_again_under_the_same_id() {
    let mut world = World::new().await;
    let slow = Says::status(204).after(Duration::from_millis(300));
    let web = Web::saying(slow).await;
    let channels = all(vec![("hook", webhook(&web))]);
    world.publish(&channels).await;
    {
        let mut courier = world.courier(&channels, "hook");
        let delivering = courier.look();
        tokio::pin!(delivering);
        while web.seen().is_empty() {
            let moment = Duration::from_millis(5);
            let ended = tokio::time::timeout(moment, &mut delivering).await;
            assert!(ended.is_err(), "it ends before the receiver saw anything");
        }
        // The receiver has the letter and has not answered: it is not delivered yet.
        assert_eq!(world.state(1, "hook"), (DeliveryState::Waiting, 0));
    }
    world = world.restart();
    world.courier(&channels, "hook").look().await;
    assert_eq!(world.state(1, "hook"), (DeliveryState::Delivered, 1));
    assert_eq!(ids(&web), ["shop/REP-1/hook", "shop/REP-1/hook"]);
    assert!(lost(&world.plan(), "hook", &ids(&web)).is_empty());
}

#[tokio::test]
async fn a_letter_that_is_recorded_before_it_was_taken_is_found() {
    let world = World::new().await;
    let web = Web::saying(Says::status(204)).await;
    let channels = all(vec![("hook", webhook(&web))]);
    world.publish(&channels).await;
    world.publish(&channels).await;
    // What an outbox would do that records first and dies then.
    let early = Delivering::Delivered {
        report: ReportId(1),
        channel: "hook".to_owned(),
        attempts: 1,
        note: String::new(),
    };
    let early = Command::Time(Timing::Deliver(early));
    world.ask(Actor::System, early).await;
    let world = world.restart();
    world.courier(&channels, "hook").look().await;
    let lost = lost(&world.plan(), "hook", &ids(&web));
    assert_eq!(lost, BTreeSet::from(["shop/REP-1/hook".to_owned()]));
}

#[tokio::test]
async fn a_channel_that_hangs_delays_no_other_and_an_outbox_hears_of_new_letters() {
    let world = World::new().await;
    let hanging = Web::saying(Says::status(204).after(Duration::from_secs(3_600))).await;
    let web = Web::saying(Says::status(204)).await;
    let channels = all(vec![("hangs", webhook(&hanging)), ("hook", webhook(&web))]);
    let outbox = tokio::spawn(Outbox::new(world.handle.clone(), channels.clone()).run());
    for report in 1..=3 {
        world.publish(&channels).await;
        let arrives = async {
            while world.state(report, "hook").0 != DeliveryState::Delivered {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let arrived = tokio::time::timeout(Duration::from_secs(30), arrives).await;
        assert!(arrived.is_ok(), "REP-{report} does not arrive");
    }
    assert_eq!(world.state(1, "hangs").0, DeliveryState::Waiting);
    outbox.abort();
}

#[tokio::test]
async fn letters_of_a_channel_that_is_gone_wait() {
    let world = World::new().await;
    let web = Web::saying(Says::status(204)).await;
    let channels = all(vec![("hook", webhook(&web))]);
    world.publish(&channels).await;
    let outbox = Outbox::new(world.handle.clone(), Channels::default());
    // Nothing is configured, so there is nothing to do.
    outbox.run().await;
    assert_eq!(world.state(1, "hook"), (DeliveryState::Waiting, 0));
    assert_eq!(channels.described("hook").map(|it| it.0), Some("webhook"));
    assert_eq!(Channels::default().described("hook"), None);
}
