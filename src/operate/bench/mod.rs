//! `bench`: how many agents this machine carries, and how near that comes to what it allows. A daemon of
//! its own works real plans down over real connections, every write durable, and what the machine itself
//! can do is measured in the same run, so that the ratios mean the same everywhere.

mod at_once;
mod crowd;
mod daemon;
mod field;
mod figures;
mod floor;
mod machine;
mod opening;
mod restart;
mod samples;
mod table;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use self::crowd::{Crowd, Work};
use self::daemon::{Daemon, Folder};
use self::field::{Field, Stage};
use self::figures::{Figures, FloorRow, Floors, Row, rounded};
use self::floor::Floor;
use self::restart::Words;
use super::failure::{failure, unusable};
use super::signal::Signals;
use crate::cli::output::Output;
use crate::cli::{Failure, Globals};

/// The numbers of agents of a full run.
const AGENTS: [usize; 4] = [1, 8, 32, 128];
/// The sizes of plans of a full run.
const TASKS: [usize; 3] = [1_000, 100_000, 1_000_000];
const AGENTS_MAX: usize = 2_048;
const TASKS_MAX: usize = 1_000_000;
/// A row lasts at least so long.
const ROW_SECONDS: f64 = 3.0;
/// Plans up to this size are made anew for each row; a larger one serves all rows of its size, which take
/// a small part of it.
const FRESH_TASKS_MAX: usize = 100_000;
/// Plans made at a time while a row needs more.
const FIELDS_AT_FIRST: usize = 4;
const FIELDS_MAX: usize = 400;

/// The flags of the bench.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// A run of under 20 seconds: 1, 8 and 32 agents on plans of 1,000 tasks
    #[arg(long)]
    quick: bool,
    /// How many agents, a row each [default: 1,8,32,128]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = number(1, AGENTS_MAX))]
    agents: Vec<u64>,
    /// How many tasks a plan has, a row each [default: 1000,100000,1000000]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = number(1_000, TASKS_MAX))]
    tasks: Vec<u64>,
    /// How long a row lasts at least, in seconds, 0.5 to 60
    #[arg(long, value_name = "S", default_value_t = ROW_SECONDS, value_parser = seconds)]
    seconds: f64,
    /// The folder below which the daemon's data and the disk's floors are measured, on the disk to be
    /// measured [default: the system's folder for temporary files]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Measure the daemon that listens there (an address and a port of this machine, no TLS) instead of
    /// one of our own; wants a coordinator's token. It keeps the projects of the run, archived.
    #[arg(long, value_name = "ADDR")]
    against: Option<SocketAddr>,
}

fn number(least: usize, most: usize) -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(least as u64..=most as u64)
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it must be a number".to_owned())?;
    if (0.5..=60.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("it must be between 0.5 and 60".to_owned())
    }
}

/// What is to be measured.
struct Order {
    agents: Vec<usize>,
    tasks: Vec<usize>,
    time: Duration,
    /// Everything a full run measures beside its rows.
    whole: bool,
}

impl Order {
    fn of(bench: &Bench) -> Self {
        let chosen = |given: &[u64], otherwise: &[usize]| -> Vec<usize> {
            let given = given
                .iter()
                .filter_map(|&number| usize::try_from(number).ok());
            let given: Vec<usize> = given.collect();
            if given.is_empty() {
                otherwise.to_vec()
            } else {
                given
            }
        };
        let (agents, tasks): (&[usize], &[usize]) = if bench.quick {
            (&AGENTS[..3], &TASKS[..1])
        } else {
            (&AGENTS, &TASKS)
        };
        Self {
            agents: chosen(&bench.agents, agents),
            tasks: chosen(&bench.tasks, tasks),
            time: Duration::from_secs_f64(bench.seconds),
            whole: !bench.quick
                && bench.agents.is_empty()
                && bench.tasks.is_empty()
                && bench.against.is_none(),
        }
    }
}

/// Runs the bench.
pub(super) async fn run(bench: Bench, globals: &Globals, output: Output) -> Result<(), Failure> {
    let order = Order::of(&bench);
    let mut signals = Signals::listen()?;
    let parent = bench.dir.clone().unwrap_or_else(std::env::temp_dir);
    let folder = Folder::make(&parent)?;
    let token = bench.against.map(|address| {
        crate::cli::access::token(
            globals,
            &crate::cli::access::Surroundings::of_process(),
            crate::cli::access::Speaker::Coordinator,
            &address.ip().to_string(),
        )
        .map(|token| (address, token))
    });
    let given = token.transpose()?;
    let mut run = Run {
        folder,
        given,
        output,
        figures: Figures::default(),
        words: Words::default(),
    };
    let figures = tokio::select! {
        biased;
        () = signals.next() => return Err(failure("BENCH_STOPPED", "the bench was stopped")),
        measured = run.all(&order) => { measured?; run.figures },
    };
    output.either(
        || json!(figures),
        || table::text(&figures, output.columns()),
    )
}

/// A run under way.
struct Run {
    folder: Folder,
    given: Option<(SocketAddr, String)>,
    output: Output,
    figures: Figures,
    /// Of all plans made so far.
    words: Words,
}

impl Run {
    async fn all(&mut self, order: &Order) -> Result<(), Failure> {
        self.figures.floors = Floors {
            cores: machine::cores(),
            fsync_ms: figures::ms(floor::fsync_latency(self.folder.path())?),
            by_agents: Vec::new(),
        };
        let mut daemon = match &self.given {
            Some((address, token)) => Daemon::given(*address, token.clone()),
            None => Daemon::start(&self.folder).await?,
        };
        self.figures.idle_rss_mib = restart::idle_mib(&daemon).await;
        for &tasks in &order.tasks {
            let large = if tasks > FRESH_TASKS_MAX {
                let most = order.agents.iter().copied().max().unwrap_or(1);
                self.fields(&daemon, tasks, most, 1).await?
            } else {
                Vec::new()
            };
            for &agents in &order.agents {
                self.row(&daemon, agents, tasks, order.time, &large).await?;
            }
            if order.whole && Some(&tasks) == order.tasks.first() {
                // The log is small and full of what agents did: what a replay is measured on.
                self.say("starting again without snapshots");
                let (again, rate) = restart::replay(daemon, &self.folder).await?;
                (daemon, self.figures.replay_events_per_s) = (again, rate);
            }
        }
        self.figures.compare_sizes();
        if order.whole {
            self.say("opening a phase of 100,000 tasks");
            let ratio = opening::measure(&daemon, &mut self.words).await?;
            self.figures.claim_p99_ratio_phase_open = ratio.map(|ratio| rounded(ratio, 2));
        }
        if order.whole && self.given.is_none() {
            self.say("starting again from snapshots");
            let (again, found) = restart::from_snapshots(daemon, &self.folder).await?;
            daemon = again;
            self.figures.start_ratio = found.ratio;
            // What an idle daemon holds is no task's.
            let idle_bytes = self.figures.idle_rss_mib.unwrap_or(0.0) * restart::MIB;
            self.figures.bytes_per_task = found.bytes_per_task(idle_bytes, &self.words);
        }
        daemon.stop().await
    }

    /// Measures one row, and right before it what the machine allows.
    async fn row(
        &mut self,
        daemon: &Daemon,
        agents: usize,
        tasks: usize,
        time: Duration,
        large: &[Arc<Field>],
    ) -> Result<(), Failure> {
        self.say(&format!("{agents} agents on plans of {tasks} tasks"));
        let crowd = Crowd::connect(daemon, agents).await?;
        let floor = Floor::measure(&crowd, self.folder.path()).await?;
        let mut work = Work::default();
        let mut fields = FIELDS_AT_FIRST;
        while work.took < time {
            let left = time.saturating_sub(work.took);
            let done = if large.is_empty() {
                let made = self.fields(daemon, tasks, agents, fields).await?;
                let done = crowd.work(&made, left).await?;
                self.put_away(daemon, &made).await?;
                done
            } else {
                crowd.work(large, left).await?
            };
            if done.loops == 0 {
                let message = "the plans have too few tasks for so many agents; ask for larger plans \
                               with --tasks or for fewer agents with --agents";
                return Err(unusable("BENCH_PLAN_TOO_SMALL", message));
            }
            work.join(done);
            fields = enough(&work, time, tasks);
        }
        self.figures.floors.by_agents.push(FloorRow::of(&floor));
        self.figures.rows.push(Row::of(tasks, &floor, work));
        Ok(())
    }

    /// Makes plans; their making is not timed.
    async fn fields(
        &mut self,
        daemon: &Daemon,
        tasks: usize,
        agents: usize,
        count: usize,
    ) -> Result<Vec<Arc<Field>>, Failure> {
        let chief = daemon.chief().await?;
        let stage = Stage {
            id: "1",
            tasks,
            after: None,
        };
        let count = if tasks >= FRESH_TASKS_MAX { 1 } else { count };
        let mut fields = Vec::with_capacity(count);
        for _ in 0..count {
            let made = Field::make(&chief, &[stage], agents).await?;
            self.words.note(&made);
            fields.push(Arc::new(made));
        }
        Ok(fields)
    }

    /// Leaves a daemon that was given without open projects.
    async fn put_away(&self, daemon: &Daemon, fields: &[Arc<Field>]) -> Result<(), Failure> {
        if self.given.is_none() {
            return Ok(());
        }
        let chief = daemon.chief().await?;
        for field in fields {
            field.archive(&chief).await?;
        }
        Ok(())
    }

    /// Tells a person what is being measured.
    fn say(&self, what: &str) {
        if !self.output.as_json() {
            self.output.note(&format!("measuring: {what}"));
        }
    }
}

/// How many more plans the rest of a row takes, by how quickly they were worked down so far.
fn enough(work: &Work, time: Duration, tasks: usize) -> usize {
    let left = time.saturating_sub(work.took).as_secs_f64();
    // Agents leave the last part of a plan alone.
    let loops = work.loops_per_s() * left * 1.3;
    let each = f64::from(u32::try_from(tasks).unwrap_or(u32::MAX)) * 0.7;
    (1..FIELDS_MAX)
        .find(|&count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * each >= loops)
        .unwrap_or(FIELDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        bench: Bench,
    }

    fn order(flags: &[&str]) -> Result<Order, String> {
        use clap::Parser as _;
        let line = Line::try_parse_from(std::iter::once(&"bench").chain(flags));
        line.map(|line| Order::of(&line.bench))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_full_run_has_twelve_rows_and_a_quick_one_three() {
        let full = order(&[]).unwrap();
        assert_eq!((full.agents.len(), full.tasks.len()), (4, 3));
        assert!(full.whole);
        let quick = order(&["--quick"]).unwrap();
        assert_eq!((quick.agents.len(), quick.tasks.len()), (3, 1));
        assert!(!quick.whole);
        let own = order(&["--agents", "1,8", "--tasks", "2000"]).unwrap();
        assert_eq!((own.agents, own.tasks), (vec![1, 8], vec![2_000]));
        assert!(!own.whole);
    }

    #[test]
    fn what_cannot_be_measured_is_refused_with_its_bounds() {
        for (flags, words) in [
            (["--agents", "0"], "1..=2048"),
            (["--tasks", "10"], "1000..=1000000"),
            (["--seconds", "0"], "between 0.5 and 60"),
            (["--against", "example"], "invalid"),
        ] {
            let refused = order(&flags).err().unwrap();
            assert!(refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn a_row_gets_about_as_many_plans_as_it_needs() {
        let work = Work {
            loops: 2_800,
            took: Duration::from_millis(500),
            ..Work::default()
        };
        let needed = enough(&work, Duration::from_secs(3), 1_000);
        assert!((26..=27).contains(&needed), "{needed}");
        assert_eq!(enough(&work, Duration::from_millis(500), 1_000), 1);
    }
}
