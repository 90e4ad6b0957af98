//! Places where a test makes the daemon die, stand still or meet an I/O error at a chosen moment. They are
//! there in builds with debug assertions only: in a release build `hit` is nothing, and nothing reads the
//! variable.
//!
//! `MUSTER_FAILPOINT` holds orders, separated by commas: `POINT:ACTION` or `POINT:ACTION@NTH`, where NTH
//! counts the times the process comes by that point, from 1 (the default). For example
//! `append.committed:kill@17` or `append.begin:delay=20@3,append.stored:kill@3`.
//!
//! | point | where |
//! |---|---|
//! | `append.begin` | a batch is decided, nothing of it is written |
//! | `append.stored` | its rows are written, the transaction is open |
//! | `append.committed` | it is durable, nobody is answered and nothing published |
//! | `snapshot.halfway` | a snapshot is written in part |
//! | `checkpoint.begin` | the write-ahead log is about to be brought into the database |
//!
//! | action | what happens |
//! |---|---|
//! | `kill` | the process ends at once, by SIGKILL |
//! | `kill_in=US` | it goes on and ends so by itself after that many microseconds |
//! | `stop` | it stands still (SIGSTOP) until somebody sends SIGCONT |
//! | `delay=MS` | the thread sleeps that many milliseconds |
//! | `error` | the step fails as by an input or output error |

#[cfg(not(debug_assertions))]
use std::io;

/// A place in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A batch is decided, nothing of it is written.
    AppendBegin,
    /// Its rows are written, the transaction is open.
    AppendStored,
    /// It is durable, nobody is answered and nothing published.
    AppendCommitted,
    /// A snapshot is written in part.
    SnapshotHalfway,
    /// The write-ahead log is about to be brought into the database.
    CheckpointBegin,
}

impl Point {
    /// Every point that has a name.
    pub const ALL: &[Self] = &[
        Self::AppendBegin,
        Self::AppendStored,
        Self::AppendCommitted,
        Self::SnapshotHalfway,
        Self::CheckpointBegin,
    ];

    /// Those that stand in the code.
    pub const STANDING: &[Self] = &[
        Self::AppendBegin,
        Self::AppendStored,
        Self::AppendCommitted,
        Self::CheckpointBegin,
        Self::SnapshotHalfway,
    ];

    /// Its name in the variable.
    pub fn name(self) -> &'static str {
        match self {
            Self::AppendBegin => "append.begin",
            Self::AppendStored => "append.stored",
            Self::AppendCommitted => "append.committed",
            Self::SnapshotHalfway => "snapshot.halfway",
            Self::CheckpointBegin => "checkpoint.begin",
        }
    }
}

/// The process comes by a point.
///
/// # Errors
/// Only when an order asks for one here; never in a release build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn hit(_point: Point) -> io::Result<()> {
    Ok(())
}

#[cfg(debug_assertions)]
pub use armed::hit;

#[cfg(debug_assertions)]
mod armed {
    use std::io;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use rustix::process::{Signal, getpid, kill_process};

    use super::Point;

    const VARIABLE: &str = "MUSTER_FAILPOINT";

    /// What happens at a point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Action {
        Kill,
        KillInUs(u64),
        Stop,
        DelayMs(u64),
        Error,
    }

    /// What is to happen, where and when.
    #[derive(Debug)]
    pub(super) struct Order {
        pub point: Point,
        pub action: Action,
        pub nth: u64,
        come_by: AtomicU64,
    }

    /// The process comes by a point.
    ///
    /// # Errors
    /// Only when an order asks for one here.
    ///
    /// # Panics
    /// The variable holds something else than orders: a test that means nothing must not pass.
    pub fn hit(point: Point) -> io::Result<()> {
        static ORDERS: OnceLock<Vec<Order>> = OnceLock::new();
        let orders = ORDERS.get_or_init(|| {
            let text = std::env::var(VARIABLE).unwrap_or_default();
            read(&text).unwrap_or_else(|wrong| panic!("{VARIABLE}: {wrong}"))
        });
        carry_out(orders, point)
    }

    /// Does what the orders say of this point.
    pub(super) fn carry_out(orders: &[Order], point: Point) -> io::Result<()> {
        for order in orders.iter().filter(|order| order.point == point) {
            if order.come_by.fetch_add(1, Ordering::Relaxed) + 1 == order.nth {
                order.action.take()?;
            }
        }
        Ok(())
    }

    impl Action {
        fn take(self) -> io::Result<()> {
            match self {
                Self::Kill => signal(Signal::KILL),
                Self::KillInUs(us) => {
                    std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_micros(us));
                        signal(Signal::KILL)
                    });
                    Ok(())
                }
                Self::Stop => signal(Signal::STOP),
                Self::DelayMs(ms) => {
                    std::thread::sleep(Duration::from_millis(ms));
                    Ok(())
                }
                Self::Error => Err(io::Error::other("a failpoint asks for an error")),
            }
        }
    }

    fn signal(signal: Signal) -> io::Result<()> {
        Ok(kill_process(getpid(), signal)?)
    }

    /// Reads orders; the error names the one that is none.
    pub(super) fn read(text: &str) -> Result<Vec<Order>, String> {
        let orders = text.split(',').map(str::trim);
        orders
            .filter(|order| !order.is_empty())
            .map(|order| read_one(order).ok_or_else(|| format!("`{order}` is no order")))
            .collect()
    }

    fn read_one(order: &str) -> Option<Order> {
        let (name, rest) = order.split_once(':')?;
        let (action, nth) = rest.split_once('@').unwrap_or((rest, "1"));
        let action = match action.split_once('=') {
            None => match action {
                "kill" => Action::Kill,
                "stop" => Action::Stop,
                "error" => Action::Error,
                _ => return None,
            },
            Some(("kill_in", us)) => Action::KillInUs(us.parse().ok()?),
            Some(("delay", ms)) => Action::DelayMs(ms.parse().ok()?),
            Some(_) => return None,
        };
        Some(Order {
            point: *Point::ALL.iter().find(|point| point.name() == name)?,
            action,
            nth: nth.parse().ok().filter(|nth| *nth > 0)?,
            come_by: AtomicU64::new(0),
        })
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::armed::{Action, carry_out, read};
    use super::*;

    #[test]
    fn orders_are_read_with_point_action_and_count() {
        let orders = read("append.committed:kill@17, append.begin:delay=20").unwrap();
        let said: Vec<_> = orders
            .iter()
            .map(|order| (order.point, order.action, order.nth))
            .collect();
        assert_eq!(
            said,
            [
                (Point::AppendCommitted, Action::Kill, 17),
                (Point::AppendBegin, Action::DelayMs(20), 1)
            ]
        );
        for point in Point::ALL {
            assert!(read(&format!("{}:kill_in=5@2", point.name())).is_ok());
        }
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_order_is_named() {
        for wrong in [
            "append.begin",
            "append.begin:",
            "append.middle:kill",
            "append.begin:explode",
            "append.begin:delay",
            "append.begin:delay=soon",
            "append.begin:kill@0",
            "append.begin:kill@often",
        ] {
            let refused = read(&format!("append.begin:error,{wrong}")).unwrap_err();
            assert!(refused.contains(wrong), "{refused}");
        }
    }

    #[test]
    fn an_order_is_carried_out_at_its_count_and_at_its_point_alone() {
        let orders = read("append.stored:error@2").unwrap();
        assert!(carry_out(&orders, Point::AppendBegin).is_ok());
        assert!(carry_out(&orders, Point::AppendStored).is_ok());
        assert!(carry_out(&orders, Point::AppendBegin).is_ok());
        let failed = carry_out(&orders, Point::AppendStored).unwrap_err();
        assert!(failed.to_string().contains("failpoint"), "{failed}");
        assert!(carry_out(&orders, Point::AppendStored).is_ok());
    }
}
