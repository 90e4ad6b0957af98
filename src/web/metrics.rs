//! The figures as Prometheus reads them: OpenMetrics text, names after its conventions, every series with a
//! bound on how many there can be.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::Site;
use super::files::{Files, newest_snapshot_seconds};
use super::process::Process;
use crate::api::{Counted, Figures, OTHERS, PlanFigures};

/// What a scraper is told the text is.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const MICROS_PER_SECOND: f64 = 1e6;

/// Everything one scrape shows.
#[derive(Debug)]
struct Scrape {
    figures: Figures,
    files: Files,
    process: Process,
    /// When each project's newest snapshot was written, in seconds since the Unix epoch.
    snapshots: Vec<(String, f64)>,
    alive: bool,
    connections_max: usize,
    started_seconds: f64,
}

/// The text of one scrape.
pub(super) fn render(site: &Site) -> Result<String, fmt::Error> {
    let figures = site.api.figures(site.projects);
    let slugs = figures.plans.iter().map(|plan| &plan.slug);
    let snapshots = slugs
        .filter(|slug| *slug != OTHERS)
        .filter_map(|slug| {
            let at = newest_snapshot_seconds(&site.data_dir, slug)?;
            Some((slug.clone(), at))
        })
        .collect();
    let scrape = Scrape {
        snapshots,
        files: Files::look(&site.data_dir),
        process: Process::look(),
        alive: site.health.is_alive(),
        connections_max: site.connections_max,
        started_seconds: site.started_ms as f64 / 1_000.0,
        figures,
    };
    let mut registry = Registry::default();
    registry.register_collector(Box::new(scrape));
    let mut written = String::new();
    text::encode(&mut written, &registry)?;
    Ok(written)
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut page = Page(encoder);
        self.calls(&mut page)?;
        self.engine(&mut page)?;
        self.projects(&mut page)?;
        self.store(&mut page)?;
        self.process(&mut page)
    }
}

impl Scrape {
    fn calls(&self, page: &mut Page<'_>) -> fmt::Result {
        let figures = &self.figures;
        let answers = figures.calls.iter().flat_map(|call| {
            let labels = move |code: &str| {
                vec![
                    ("service", call.service.to_owned()),
                    ("method", call.method.to_owned()),
                    ("code", code.to_owned()),
                ]
            };
            let codes = call.codes.iter();
            codes.map(move |(code, count)| (labels(code), *count))
        });
        page.counters(
            "muster_rpcs",
            "Calls answered, by method and gRPC code; a stream counts when it opens, and what is no method \
             of a service has no name",
            answers,
        )?;
        let durations = figures.calls.iter().map(|call| {
            let labels = vec![
                ("service", call.service.to_owned()),
                ("method", call.method.to_owned()),
            ];
            (labels, &call.micros)
        });
        page.histograms(
            "muster_rpc_duration",
            "Time from a call's arrival to its answer, waiting for a task included",
            Some((&Unit::Seconds, MICROS_PER_SECOND)),
            durations,
        )?;
        let reasons = figures.refusals.iter();
        page.counters(
            "muster_refusals",
            "Calls that were not carried out, by reason",
            reasons.map(|(reason, count)| (vec![("reason", (*reason).to_owned())], *count)),
        )?;
        page.gauge(
            "muster_connections",
            "Open connections",
            figures.connections as u64,
        )?;
        let limits = figures.limits.iter().copied();
        let limits = limits.chain([("connections", self.connections_max)]);
        page.gauges(
            "muster_limit",
            "How many the daemon takes at most, by what is limited",
            None,
            limits.map(|(what, most)| (vec![("what", what.to_owned())], Value::from(most as u64))),
        )
    }

    fn engine(&self, page: &mut Page<'_>) -> fmt::Result {
        let figures = &self.figures;
        page.histograms(
            "muster_commit_duration",
            "Time of one durable commit, its fsync included",
            Some((&Unit::Seconds, MICROS_PER_SECOND)),
            [(Vec::new(), &figures.commit_micros)],
        )?;
        page.histograms(
            "muster_commit_events",
            "Events in one commit",
            None,
            [(Vec::new(), &figures.commit_events)],
        )?;
        page.counter(
            "muster_committed",
            "Bytes of all events committed",
            Some(&Unit::Bytes),
            Value::from(figures.committed_bytes),
        )?;
        page.gauge(
            "muster_queued_requests",
            "Requests that wait for the writer",
            figures.queued as u64,
        )?;
        page.gauge(
            "muster_waiting_claims",
            "Claims that wait for a task",
            figures.waiting_claims as u64,
        )?;
        page.gauge(
            "muster_watchers",
            "Open watches of events",
            figures.watchers as u64,
        )?;
        page.counters(
            "muster_lease_expiries",
            "Leases that ended by silence of the holder, or at the hard limit of a chain of resumes",
            figures
                .expiries
                .iter()
                .map(|(cause, count)| (vec![("cause", (*cause).to_owned())], *count)),
        )?;
        page.gauge(
            "muster_writer_alive",
            "1 while the writer gets on or rests with nothing to do, 0 when it is stuck",
            u64::from(self.alive),
        )
    }

    fn projects(&self, page: &mut Page<'_>) -> fmt::Result {
        let statuses = self.figures.projects.iter();
        page.gauges(
            "muster_projects",
            "Projects by status",
            None,
            statuses.map(|(status, count)| {
                (vec![("status", (*status).to_owned())], Value::from(*count))
            }),
        )?;
        let plans = &self.figures.plans;
        let tasks = plans.iter().flat_map(|plan| {
            let statuses = plan.tasks_by_status().into_iter();
            statuses.map(|(status, count)| {
                let labels = vec![
                    ("project", plan.slug.clone()),
                    ("status", status.to_owned()),
                ];
                (labels, Value::from(u64::from(count)))
            })
        });
        page.gauges("muster_tasks", "Tasks by status", None, tasks)?;
        let each = |of: fn(&PlanFigures) -> u64| {
            let plans = plans.iter();
            plans.map(move |plan| {
                let labels = vec![("project", plan.slug.clone())];
                (labels, Value::from(of(plan)))
            })
        };
        page.gauges(
            "muster_ready_tasks",
            "Tasks that an agent of their role could claim now",
            None,
            each(|plan| plan.ready),
        )?;
        page.gauges(
            "muster_live_leases",
            "Tasks that an agent holds",
            None,
            each(|plan| plan.live_leases),
        )?;
        page.gauges(
            "muster_open_blockers",
            "Blockers that are not resolved",
            None,
            each(|plan| plan.open_blockers),
        )?;
        page.gauges(
            "muster_log_events",
            "Events in the log",
            None,
            each(|plan| plan.events),
        )?;
        let snapshots = self.snapshots.iter();
        page.gauges(
            "muster_snapshot_timestamp",
            "When the newest snapshot was written, since the Unix epoch",
            Some(&Unit::Seconds),
            snapshots.map(|(slug, at)| (vec![("project", slug.clone())], Value::Real(*at))),
        )
    }

    fn store(&self, page: &mut Page<'_>) -> fmt::Result {
        page.gauge(
            "muster_store_writable",
            "1 while the store takes writes, 0 once it does not",
            u64::from(self.figures.writable),
        )?;
        let files = &self.files;
        for (name, help, bytes) in [
            (
                "muster_store_database",
                "Length of the database",
                files.database_bytes,
            ),
            (
                "muster_store_wal",
                "Length of the write-ahead log beside the database",
                files.wal_bytes,
            ),
            (
                "muster_store_free",
                "Space that the data directory's file system has left",
                files.free_bytes,
            ),
        ] {
            let bytes = bytes.map(|bytes| (Vec::new(), Value::from(bytes)));
            page.gauges(name, help, Some(&Unit::Bytes), bytes)?;
        }
        Ok(())
    }

    fn process(&self, page: &mut Page<'_>) -> fmt::Result {
        page.info(
            "muster_build",
            "The release that runs",
            vec![("version", env!("CARGO_PKG_VERSION").to_owned())],
        )?;
        let process = &self.process;
        page.counter(
            "process_cpu",
            "CPU time of the process",
            Some(&Unit::Seconds),
            Value::Real(process.cpu_seconds),
        )?;
        page.gauges(
            "process_start_time",
            "When the daemon started, since the Unix epoch",
            Some(&Unit::Seconds),
            [(Vec::new(), Value::Real(self.started_seconds))],
        )?;
        let one = |figure: Option<u64>| figure.map(|figure| (Vec::new(), Value::from(figure)));
        page.gauges(
            "process_resident_memory",
            "Memory the process holds",
            Some(&Unit::Bytes),
            one(process.resident_bytes),
        )?;
        page.gauges(
            "process_virtual_memory",
            "Memory the process may touch",
            Some(&Unit::Bytes),
            one(process.virtual_bytes),
        )?;
        page.gauges(
            "process_open_fds",
            "Files and connections the process has open",
            None,
            one(process.open_fds),
        )?;
        page.gauges(
            "process_max_fds",
            "Files and connections the process may have open",
            None,
            one(process.max_fds),
        )
    }
}

type Labels = Vec<(&'static str, String)>;

/// A figure; whole numbers are written as such.
#[derive(Debug, Clone, Copy)]
enum Value {
    Whole(u64),
    Real(f64),
}

impl Value {
    fn encode(self, gauge: &mut MetricEncoder<'_>) -> fmt::Result {
        match self {
            // The library's whole numbers have a sign; whatever is larger is no figure of ours.
            Self::Whole(whole) => gauge.encode_gauge(&i64::try_from(whole).unwrap_or(i64::MAX)),
            Self::Real(real) => gauge.encode_gauge(&real),
        }
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

/// Writes families of metrics one after the other, each with its HELP and TYPE, also when it has no series
/// yet: whoever looks at the page sees all there can be.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.gauges(name, help, None, [(Vec::new(), Value::from(value))])
    }

    fn gauges(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        series: impl IntoIterator<Item = (Labels, Value)>,
    ) -> fmt::Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (labels, value) in series {
            if labels.is_empty() {
                value.encode(&mut family)?;
            } else {
                value.encode(&mut family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }

    fn counter(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        value: Value,
    ) -> fmt::Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, unit, MetricType::Counter)?;
        match value {
            Value::Whole(whole) => family.encode_counter::<NoLabelSet, _, f64>(&whole, None),
            Value::Real(real) => family.encode_counter::<NoLabelSet, _, f64>(&real, None),
        }
    }

    fn counters(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = (Labels, u64)>,
    ) -> fmt::Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, count) in series {
            family
                .encode_family(&labels)?
                .encode_counter::<NoLabelSet, _, f64>(&count, None)?;
        }
        Ok(())
    }

    /// `unit` comes with how many of what was counted make one of it.
    fn histograms<'c>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<(&Unit, f64)>,
        series: impl IntoIterator<Item = (Labels, &'c Counted)>,
    ) -> fmt::Result {
        let (unit, per_unit) = unit.map_or((None, 1.0), |(unit, per_unit)| (Some(unit), per_unit));
        let mut family = self
            .0
            .encode_descriptor(name, help, unit, MetricType::Histogram)?;
        for (labels, counted) in series {
            let bound = |bound: Option<u64>| bound.map_or(f64::INFINITY, |at| at as f64 / per_unit);
            let buckets = counted.buckets.iter();
            let buckets: Vec<(f64, u64)> = buckets.map(|(at, n)| (bound(*at), *n)).collect();
            let (sum, count) = (counted.sum as f64 / per_unit, counted.count());
            if labels.is_empty() {
                family.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
            } else {
                family
                    .encode_family(&labels)?
                    .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
            }
        }
        Ok(())
    }

    fn info(&mut self, name: &str, help: &str, labels: Labels) -> fmt::Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Info)?;
        family.encode_info(&labels)
    }
}
